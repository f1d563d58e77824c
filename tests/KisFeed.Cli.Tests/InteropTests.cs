using System.ComponentModel;
using System.Text.Json;
using KisFeed.Capture.Tests;
using KisFeed.Cli.Tests.Running;

namespace KisFeed.Cli.Tests;

/// <summary>Runs the Python client of tests/interop, which shares no code with this project, against <c>kisfeed simulate</c> and <c>kisfeed replay</c>.</summary>
public sealed class InteropTests
{
    private const string Missing =
        "the interop test needs Python 3 with websockets and pycryptodome: "
        + "apt-get install python3-websockets python3-pycryptodome, or pip install websockets pycryptodome";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_runLimit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_client_in_another_language_is_served_as_the_protocol_says()
    {
        await using var simulator = ChildProcess.StartKisFeed("simulate", "--port", "0", "--rate", "500", "--format", "json");
        await RunClientAsync(simulator);
    }

    [Fact]
    public async Task A_client_in_another_language_is_served_from_a_capture_as_it_is_live()
    {
        using var folder = new CaptureFolder();
        await InteropCapture.RecordAsync(folder);
        await using var replay = ChildProcess.StartKisFeed("replay", folder.Path, "--port", "0", "--format", "json");
        await RunClientAsync(replay);
    }

    private static async Task RunClientAsync(ChildProcess server)
    {
        var python = await FindPythonAsync();
        python.ShouldNotBeNull(Missing);
        var port = await ReadPortAsync(server);

        await using var client = ChildProcess.Start(python, [Path.Combine(InteropFolder(), "test_interop.py"), "--port", $"{port}"]);
        var ended = await client.WaitForExitAsync(s_runLimit);

        var report = $"{client.Output}{client.Errors}\nthe server said:\n{server.Output}{server.Errors}";
        ended.ShouldBeTrue($"the Python client did not end\n{report}");
        client.ExitCode.ShouldBe(0, report);
        client.Output.ShouldContain("ok   ", Case.Sensitive, report);
    }

    private static async Task<int> ReadPortAsync(ChildProcess server)
    {
        var line = await server.NextLineAsync(s_startLimit);
        line.ShouldNotBeNull($"kisfeed did not say its port: {server.Output}{server.Errors}");
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("port").GetInt32();
    }

    // Debian's packages belong to Debian's interpreter, and another one may stand before it on the path.
    private static async Task<string?> FindPythonAsync()
    {
        foreach (var candidate in (string[])["/usr/bin/python3", "python3", "python"])
        {
            try
            {
                await using var probe = ChildProcess.Start(candidate, ["-c", "import sys; sys.path.insert(0, sys.argv[1]); import kis_client", InteropFolder()]);
                if (await probe.WaitForExitAsync(s_startLimit) && probe.ExitCode == 0)
                    return candidate;
            }
            catch (Win32Exception)
            {
                // There is no such interpreter; the next may do.
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
