using System.Text.Json;
using KisFeed.Benchmarks.Comparing;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Decode;

/// <summary>
/// The same frame in Python, if installed: as in the broker's published sample, with pandas for every frame, and with only <c>split</c> and
/// <c>float</c>. The second is the fair comparison.
/// </summary>
internal static class PythonWork
{
    public const string Pandas = "Python: split and pandas.read_csv, as published";
    public const string Plain = "Python: split and float";

    private const string Script = """
        import io, json, sys, time
        frame = sys.argv[1]
        texts = {int(c) for c in sys.argv[2].split(',')}
        try:
            import pandas
        except ImportError:
            pandas = None

        def plain():
            fields = frame.split('|')[3].split('^')
            return [f if i in texts else float(f) for i, f in enumerate(fields)]

        names = [str(i) for i in range(frame.count('^') + 1)]

        def published():
            return pandas.read_csv(io.StringIO(frame.split('|')[3]), header=None, sep='^', names=names, dtype=object)

        def measure(work, seconds):
            work()
            calls, begin = 0, time.perf_counter()
            while time.perf_counter() - begin < seconds:
                for _ in range(20):
                    work()
                calls += 20
            return (time.perf_counter() - begin) / calls * 1e9

        print(json.dumps({
            'version': sys.version.split()[0],
            'pandasVersion': pandas and pandas.__version__,
            'plain': measure(plain, 1),
            'pandas': pandas and measure(published, 1),
        }))
        """;

    /// <summary>Measures Python. Returns a note if Python or pandas is missing.</summary>
    public static async Task<(IReadOnlyList<CandidateResult> Results, string Note)> MeasureAsync(
        string frame, IEnumerable<int> texts, CancellationToken cancellationToken)
    {
        // Debian's pandas belongs to the system's Python, which may not be the first in the path.
        (IReadOnlyList<CandidateResult>, string)? best = null;
        foreach (var python in (string[])["python3", "/usr/bin/python3", "python"])
        {
            if (await RunAsync(python, frame, texts, cancellationToken) is not { } found)
                continue;
            if (found.Results.Count > 1)
                return found;
            best ??= found;
        }

        return best ?? ([], "Python was not found and is not compared.");
    }

    private static async Task<(IReadOnlyList<CandidateResult> Results, string Note)?> RunAsync(
        string python, string frame, IEnumerable<int> texts, CancellationToken cancellationToken)
    {
        if (await ProcessRunner.TryRunAsync(
            python, ["-c", Script, frame, string.Join(',', texts)], Timeout.InfiniteTimeSpan, cancellationToken)
            is not { } output)
        {
            return null;
        }
        using var json = JsonDocument.Parse(output);
        var version = json.RootElement.GetProperty("version").GetString();
        List<CandidateResult> results = [Of(Plain, json.RootElement.GetProperty("plain").GetDouble())];
        if (json.RootElement.GetProperty("pandas") is not { ValueKind: JsonValueKind.Number } pandas)
            return (results, $"Python {version}, without pandas.");
        results.Add(Of(Pandas, pandas.GetDouble()));
        return (results, $"Python {version}, pandas {json.RootElement.GetProperty("pandasVersion").GetString()}.");
    }

    private static CandidateResult Of(string name, double nanoseconds) => new(name, [new Figure(DecodeNames.Frame, "ns", nanoseconds)]);
}
