using System.Text.Json;

namespace KisFeed.TestSupport;

/// <summary>The Python client of tests/interop, which shares no code with this project.</summary>
internal static class InteropClient
{
    private const string Missing =
        "the interop test needs Python 3 with websockets and pycryptodome: "
        + "apt-get install python3-websockets python3-pycryptodome, or pip install websockets pycryptodome";

    private static readonly TimeSpan s_runLimit = TimeSpan.FromSeconds(90);

    /// <summary>Runs the client against the server on a port, and fails if one of its checks fails.</summary>
    /// <param name="port">The port.</param>
    /// <param name="serverOutput">The server's output, for the message of a failure.</param>
    /// <param name="options">Options for differences of the server: <c>--gateway</c>, <c>--lenient</c>.</param>
    public static async Task RunAsync(int port, Func<string> serverOutput, params string[] options)
    {
        await using var client = ProcessRunner.Start(
            await PythonAsync(), [Path.Combine(InteropFolder(), "test_interop.py"), "--port", $"{port}", .. options]);
        var ended = await client.TryWaitForExitAsync(s_runLimit);

        var report = $"{client.Output}{client.Errors}\nthe server said:\n{serverOutput()}";
        ended.ShouldBeTrue($"the Python client did not end\n{report}");
        (await client.WaitForExitAsync(s_runLimit)).ShouldBe(0, report);
        client.Output.ShouldContain("ok   ", Case.Sensitive, report);
    }

    /// <summary>
    /// Connects clients with different behaviour at once and returns their outcomes by options (tests/interop/client_shapes.py).
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, string>> RunShapesAsync(int port, IEnumerable<string> clients)
    {
        var output = await ProcessRunner.RunAsync(
            await PythonAsync(), [Path.Combine(InteropFolder(), "client_shapes.py"), "--port", $"{port}", .. clients], s_runLimit);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .ToDictionary(line => line.GetProperty("client").GetString()!, OutcomeOf, StringComparer.Ordinal);

        static string OutcomeOf(JsonElement ended) =>
            string.Join(
                ' ',
                ((string[])["outcome", "status", "code", "what"]).Where(name => ended.TryGetProperty(name, out _))
                    .Select(name => ended.GetProperty(name).ToString()));
    }

    /// <summary>
    /// Connects parsers of earlier layouts at once, as <c>SHAPE:REVISION</c>, and returns for each the records that are the same, different
    /// and lost, of trades, books and notices (tests/interop/earlier_clients.py).
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, JsonElement>> RunEarlierClientsAsync(int port, params string[] clients)
    {
        var output = await ProcessRunner.RunAsync(
            await PythonAsync(), [Path.Combine(InteropFolder(), "earlier_clients.py"), "--port", $"{port}", .. clients], s_runLimit);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .ToDictionary(line => line.GetProperty("client").GetString()!, StringComparer.Ordinal);
    }

    /// <summary>Runs a client of npm's ws, which answers heartbeats in one of the forms of tests/interop/node_client.mjs.</summary>
    public static async Task RunNodeAsync(int port, string answer)
    {
        var folder = InteropFolder();
        Directory.Exists(Path.Combine(folder, "..", "..", "web", "node_modules", "ws"))
            .ShouldBeTrue("the interop test needs Node.js and the packages of the dashboard: install Node.js and run npm ci in web/");
        await ProcessRunner.RunAsync("node", [Path.Combine(folder, "node_client.mjs"), $"{port}", answer], s_runLimit);
    }

    /// <summary>Starts the client, which prints every record of some keys with the broker's element names until it is stopped.</summary>
    /// <param name="port">The port of the server.</param>
    /// <param name="targets">The targets as <c>TRID:KEY</c>.</param>
    public static async Task<RunningProcess> StartPrintingAsync(int port, IEnumerable<string> targets) =>
        ProcessRunner.Start(await PythonAsync(), ["-u", Path.Combine(InteropFolder(), "print_ticks.py"), "--port", $"{port}", .. targets]);

    /// <summary>A Python interpreter with the packages of the clients.</summary>
    public static async Task<string> PythonAsync() => (await FindPythonAsync()).ShouldNotBeNull(Missing);

    // Debian's packages belong to Debian's interpreter, which may not be the first in the path.
    private static async Task<string?> FindPythonAsync()
    {
        foreach (var candidate in (string[])["/usr/bin/python3", "python3", "python"])
        {
            if (await ProcessRunner.TryRunAsync(candidate, ["-c", "import sys; sys.path.insert(0, "
                + "sys.argv[1]); import kis_client", InteropFolder()], Patience.Limit) is not null)
            {
                return candidate;
            }
        }

        return null;
    }

    private static string InteropFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KisFeed.slnx")))
            folder = folder.Parent;
        folder.ShouldNotBeNull("the tests run outside the repository");
        return Path.Combine(folder.FullName, "tests", "interop");
    }
}
