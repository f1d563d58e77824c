using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Decode;

/// <summary>
/// The same frame in Python, where there is one: as the broker's published sample does it, with pandas for every frame, and with nothing but <c>split</c> and <c>float</c>.
/// The second is what to compare with; the first flatters everybody.
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

        print(json.dumps({'version': sys.version.split()[0], 'pandasVersion': pandas and pandas.__version__, 'plain': measure(plain, 1), 'pandas': pandas and measure(published, 1)}))
        """;

    /// <summary>Measures; nothing and a note where there is no Python, or none with pandas.</summary>
    public static async Task<(IReadOnlyList<Standing> Standings, string Note)> MeasureAsync(string frame, IEnumerable<int> texts, CancellationToken cancellationToken)
    {
        // A Debian package of pandas belongs to the system's own Python, which need not be the first that is found.
        (IReadOnlyList<Standing>, string)? best = null;
        foreach (var python in (string[])["python3", "/usr/bin/python3", "python"])
        {
            if (await RunAsync(python, frame, texts, cancellationToken) is not { } found)
                continue;
            if (found.Standings.Count > 1)
                return found;
            best ??= found;
        }

        return best ?? ([], "Python was not found, and is not compared.");
    }

    private static async Task<(IReadOnlyList<Standing> Standings, string Note)?> RunAsync(string python, string frame, IEnumerable<int> texts, CancellationToken cancellationToken)
    {
        try
        {
            var start = new ProcessStartInfo(python, ["-c", Script, frame, string.Join(',', texts)]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
                return null;
            using var json = JsonDocument.Parse(output);
            var version = json.RootElement.GetProperty("version").GetString();
            List<Standing> standings = [Of(Plain, json.RootElement.GetProperty("plain").GetDouble())];
            if (json.RootElement.GetProperty("pandas") is not { ValueKind: JsonValueKind.Number } pandas)
                return (standings, $"Python {version}, without pandas.");
            standings.Add(Of(Pandas, pandas.GetDouble()));
            return (standings, $"Python {version}, pandas {json.RootElement.GetProperty("pandasVersion").GetString()}.");
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static Standing Of(string name, double nanoseconds) => new(name, [new Figure(DecodeNames.Frame, "ns", nanoseconds)]);
}
