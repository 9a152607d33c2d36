export default function ResultsPage({ name }: { name: string }) {
  return <p>{name}</p>;
}
