using System.Net;
using System.Net.Sockets;
using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Commands;

public sealed class DemoTests : IDisposable
{
    private static readonly string[] s_feeds = ["H0UNCNT0", "H0UNASP0", "H0UPCNT0", "H0UNPGM0", "H0NXPGM0", "H0IFCNI0"];
    private static readonly Dictionary<string, string> s_noVariables = new(StringComparer.Ordinal);
    private static readonly HttpClient s_web = new();

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ticks_of_all_feeds_are_printed_in_aligned_lines()
    {
        var run = await CommandRun.UntilAsync(s_feeds, s_noVariables, "demo", "--plain", "--rate", "500", "--port", "0");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        foreach (var line in run.Lines)
        {
            line.ShouldMatch(@"^\d\d:\d\d:\d\d H0[A-Z]{5}0 \w+ +\S");
            s_feeds.ShouldContain(line[9..17], StringComparer.Ordinal);
        }

        // Korean characters take two cells, so columns are aligned by cells, not by characters.
        var columns = run.Lines.Where(l => l[9..17] == "H0NXPGM0")
            .Select(l => KisFeed.Cli.Ticks.CellWidth.Of(l[..l.IndexOf("  net ", StringComparison.Ordinal)]))
            .Distinct();
        columns.ShouldHaveSingleItem();
        run.Output.ShouldContain("삼성전자");
        run.Output.ShouldNotContain("\e");
        run.Error.ShouldContain(" records in ");
    }

    [Fact]
    public async Task The_duration_ends_the_command()
    {
        var run = await CommandRun.OfAsync("demo", "--duration", "200ms", "--port", "0");
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
    }

    [Fact]
    public async Task The_printed_address_serves_a_gateway_with_simulated_data()
    {
        await using var demo = RunningCommand.Start(s_noVariables, "demo", "--port", "0");
        await demo.WaitForErrorAsync("Recording: ");

        var dashboard = await JsonAsync(new Uri(AddressOf(demo), "v1/dashboard"));

        dashboard.GetProperty("source").GetString().ShouldBe("simulation");
        dashboard.GetProperty("slots").GetInt32().ShouldBe(41);
        dashboard.GetProperty("noticeKeys").EnumerateArray().Single().GetString().ShouldBe("DEMO");
        var shown = dashboard.GetProperty("watch").EnumerateArray()
            .Select(key => $"{key.GetProperty("trId").GetString()}:{key.GetProperty("key").GetString()}").ToList();
        shown.ShouldContain("H0UPCNT0:0001", StringComparer.Ordinal);
        shown[0].ShouldBe("H0UNCNT0:005930", "stock prices come first");
        shown.Select(key => key[..8]).ToHashSet(StringComparer.Ordinal)
            .SetEquals(["H0UNCNT0", "H0UNASP0", "H0UPCNT0", "H0UNPGM0", "H0NXPGM0", "H0IFCNT0", "HDFSCNT0", "H0BJCNT0"])
            .ShouldBeTrue("something of every feed but order notices");
        shown.Count.ShouldBeLessThan(30, "slots are left for those who try it");
        var instruments = await JsonAsync(new Uri(AddressOf(demo), "v1/instruments"));
        instruments.GetProperty("instruments")
            .EnumerateArray()
            .Select(
                i => $"{i.GetProperty("code").GetString()} {i.GetProperty("name").GetString()} {i.GetProperty("englishName").GetString()}")
            .ShouldContain("1001 코스닥 KOSDAQ", StringComparer.Ordinal);
        (await demo.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task An_interrupt_before_the_client_has_connected_is_a_success()
    {
        using var interruption = new CancellationTokenSource();
        await using var error = new InterruptingError(interruption, "Dashboard: ");
        await using var output = new MemoryStream();
        var host = new CommandHost { Input = Stream.Null, Output = output, Error = error };

        var code = await CommandLine.RunAsync(["demo", "--port", "0"], host, interruption.Token).WaitAsync(Patience.Limit);

        code.ShouldBe(ExitCode.Success, error.ToString());
        interruption.IsCancellationRequested.ShouldBeTrue();
        output.Length.ShouldBe(0);
    }

    [Fact]
    public async Task The_recording_is_deleted_at_the_end_unless_a_folder_is_given()
    {
        var recorded = await CommandRun.UntilAsync(
            s_feeds, s_noVariables, "demo", "--plain", "--rate", "500", "--port", "0", "--record", _folder.Path);
        var other = await CommandRun.UntilAsync(s_feeds, s_noVariables, "demo", "--plain", "--rate", "500", "--port", "0");

        recorded.ExitCode.ShouldBe(ExitCode.Success, recorded.Error);
        recorded.Error.ShouldContain($"Recording: {_folder.Path}\n");
        var inspection = await CommandRun.OfAsync("inspect", _folder.Path);
        inspection.Output.ShouldContain("H0UPCNT0");
        inspection.Output.ShouldNotContain("H0IFCNI0", Case.Sensitive, "order notices are recorded only on request");
        other.Error.ShouldContain("removed at the end");
        var folder = other.Error.Split("Recording: ")[1].Split(',')[0];
        Path.IsPathRooted(folder).ShouldBeTrue();
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public async Task If_the_default_port_is_in_use_another_is_used_and_a_requested_port_is_an_error()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var requested = await CommandRun.OfAsync("demo", "--duration", "200ms", "--port", $"{port}");
        using var defaultPort = OccupyDefaultPort();
        var run = await CommandRun.OfAsync("demo", "--duration", "200ms");

        requested.ShouldFail(ExitCode.Usage, $"another program listens on port {port}");
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain("another program listens on port 21000; using a free port");
        run.Error.ShouldNotContain(":21000/");
    }

    [Fact]
    public async Task An_outage_of_upstream_is_reported_although_the_client_stays_connected()
    {
        await using var demo = RunningCommand.Start(
            s_noVariables, "demo", "--plain", "--port", "0", "--rate", "200", "--fault", "drop-after=40");

        await demo.WaitForErrorAsync("kisfeed: connection lost: ");
        await demo.WaitForErrorAsync("kisfeed: connected again after ");

        (await demo.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Success);
    }

    private static async Task<JsonElement> JsonAsync(Uri address) =>
        JsonSerializer.Deserialize<JsonElement>(await s_web.GetStringAsync(address));

    private static Uri AddressOf(RunningCommand demo)
    {
        demo.Error.ShouldContain("Dashboard: ");
        return new Uri(demo.Error.Split("Dashboard: ")[1].Split('\n')[0]);
    }

    // If the port is in use by another program, that serves the purpose too.
    private static TcpListener OccupyDefaultPort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 21_000);
        try
        {
            listener.Start();
        }
        catch (SocketException)
        {
        }

        return listener;
    }
}
