/** A rehype plugin: every cell of a table learns its column's heading, so that a narrow panel can stack the rows. */

interface Node {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: Node[];
}

export function labelCells() {
  return (tree: Node): void => {
    for (const table of all(tree, "table")) {
      const headings = all(table, "th").map(textOf);
      for (const row of all(table, "tr")) {
        all(row, "td").forEach((cell, column) => {
          cell.properties = { ...cell.properties, dataHeading: column === 0 ? "" : (headings[column] ?? "") };
        });
      }
    }
  };
}

function all(node: Node, tagName: string): Node[] {
  const below = (node.children ?? []).flatMap((child) => all(child, tagName));
  return node.tagName === tagName ? [node, ...below] : below;
}

function textOf(node: Node): string {
  return node.value ?? (node.children ?? []).map(textOf).join("");
}
