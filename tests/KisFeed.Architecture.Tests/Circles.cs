namespace KisFeed.Architecture.Tests;

/// <summary>Finds the circles in a graph: groups of nodes that reach each other (Tarjan's algorithm).</summary>
internal static class Circles
{
    public static IReadOnlyList<IReadOnlySet<string>> In(IEnumerable<(string From, string To)> edges)
    {
        var next = edges.ToLookup(edge => edge.From, edge => edge.To, StringComparer.Ordinal);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var lowest = new Dictionary<string, int>(StringComparer.Ordinal);
        var path = new Stack<string>();
        var circles = new List<IReadOnlySet<string>>();
        foreach (var node in next.Select(group => group.Key))
            Visit(node);
        return circles;

        void Visit(string node)
        {
            if (!numbers.TryAdd(node, numbers.Count))
                return;
            lowest[node] = numbers[node];
            path.Push(node);
            foreach (var other in next[node])
            {
                Visit(other);
                if (path.Contains(other))
                    lowest[node] = Math.Min(lowest[node], lowest[other]);
            }

            if (lowest[node] != numbers[node])
                return;
            var group = new HashSet<string>(StringComparer.Ordinal);
            string last;
            do
            {
                last = path.Pop();
                group.Add(last);
            }
            while (last != node);
            if (group.Count > 1)
                circles.Add(group);
        }
    }
}
