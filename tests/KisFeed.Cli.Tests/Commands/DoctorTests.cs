using System.Text.RegularExpressions;
using KisFeed.Simulator;
using static KisFeed.Cli.Tests.Commands.DoctorRun;

namespace KisFeed.Cli.Tests.Commands;

public sealed partial class DoctorTests
{
    private static readonly string[] s_checks =
        ["configuration", "network", "approval key", "WebSocket", "subscription", "first frame", "decoding", "clock", "heartbeat"];

    [Fact]
    public async Task Successful_checks_are_reported_one_by_one()
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Bytes(Samples.Index));
        var (code, findings, result) = await RunDoctorAsync(service.Variables);

        code.ShouldBe(ExitCode.Success);
        findings.Select(f => f.Check).Distinct(StringComparer.Ordinal).ShouldBe(s_checks);
        findings.ShouldAllBe(f => f.Status == "ok" || f.Status == "note");
        findings.Single(f => f.Check == "approval key").Text.ShouldMatch(@"^issued in \d+ ms$");
        findings.Single(f => f.Check == "WebSocket").Text.ShouldMatch(@"^ws://127\.0\.0\.1:\d+ connected in \d+ ms$");
        findings.Single(f => f.Check == "subscription").Text.ShouldStartWith("index:0001: acknowledged in ");
        findings.Single(f => f.Check == "decoding").Text.ShouldBe("1 record of 30 columns, all of them readable");
        findings.Single(f => f.Check == "clock").Text.ShouldBe("agrees with the frame's time, 09:12:40 in Korea, within 2 s");
        result.GetProperty("result").GetString().ShouldBe("ok");
        result.GetProperty("exitCode").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task With_the_simulator_all_checks_pass_except_the_clock()
    {
        await using var service = await Service.StartAsync();
        var (code, findings, _) = await RunDoctorAsync(service.Variables, Now.AddHours(9));

        code.ShouldBe(ExitCode.Success);
        findings.ShouldAllBe(f => f.Status == "ok" || f.Status == "note");
        var clock = findings.Single(f => f.Check == "clock");
        clock.Status.ShouldBe("note");
        clock.Text.ShouldMatch("^cannot be checked: the frame is from 09:00:.. but this machine's time in Korea is 18:12:41, "
            + "so the source is a simulator or a replay$");
    }

    [Fact]
    public async Task Text_output_has_a_line_for_each_finding_and_a_summary()
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Bytes(Samples.Index));
        var run = await RunAsync(service.Variables, Now);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines[^1].ShouldBe("All is well.");
        run.Lines[..^2].ShouldAllBe(
            line => line.StartsWith("ok       ", StringComparison.Ordinal) || line.StartsWith("note     ", StringComparison.Ordinal));
        run.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Skipped_checks_are_named_in_one_line()
    {
        var run = await RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), Now);

        run.Lines[^4..].ShouldBe(
        [
            "                        → Without an account: 'kisfeed simulate' prints the variables to set for the simulator.",
            "skipped  network, connection, subscription, first frame, decoding, clock, heartbeat",
            "",
            "It does not work: configuration. See above what to do.",
        ]);
    }

    [Theory]
    [InlineData("SOMEOTHERAPPKEY0000000000000000000000", null, "EGW00103", "(--env)")]
    [InlineData(null, "SOMEOTHERAPPSECRET000000000000000", "EGW00105", "app secret does not belong to this app key")]
    public async Task Wrong_credentials_are_distinguished_and_end_the_checks(
        string? appKey, string? appSecret, string broker, string advice)
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { AppKey = appKey, AppSecret = appSecret });
        var (code, findings, result) = await RunDoctorAsync(service.Variables);

        code.ShouldBe(ExitCode.Refused);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Check.ShouldBe("approval key");
        failed.Text.ShouldContain(broker);
        failed.Advice!.ShouldContain(advice);
        findings.Where(f => f.Status == "skipped").Select(f => f.Check)
            .ShouldBe(["subscription", "first frame", "decoding", "clock", "heartbeat"]);
        result.GetProperty("exitCode").GetInt32().ShouldBe(ExitCode.Refused);
    }

    [Fact]
    public async Task An_address_without_a_WebSocket_is_reported()
    {
        await using var service = await Service.StartAsync();
        var (code, findings, _) = await RunDoctorAsync(service.Variables, Now, "--url", service.Url + "/elsewhere");

        code.ShouldBe(ExitCode.ConnectionLost);
        findings.Single(f => f.Check == "approval key").Status.ShouldBe("ok");
        findings.Single(f => f.Check == "WebSocket").Advice!.ShouldContain("check the address, its port and its path");
    }

    [Fact]
    public async Task An_unresolvable_host_name_is_reported()
    {
        var (code, findings, _) = await RunDoctorAsync(Service.VariablesFor("ws://no-such-host.invalid:21000"));

        code.ShouldBe(ExitCode.ConnectionLost);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Check.ShouldBe("network");
        failed.Text.ShouldStartWith("REST and WebSocket, no-such-host.invalid port 21000: the name");
        failed.Advice!.ShouldContain("name server");
    }

    [Fact]
    public async Task A_port_without_a_listener_is_reported()
    {
        string url;
        await using (var service = await Service.StartAsync())
            url = service.Url;
        var (code, findings, _) = await RunDoctorAsync(Service.VariablesFor(url));

        code.ShouldBe(ExitCode.ConnectionLost);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Text.ShouldMatch(@"^REST and WebSocket, 127\.0\.0\.1 port \d+: cannot be reached: ");
        failed.Advice!.ShouldStartWith("Nothing listens there");
    }

    [Fact]
    public async Task An_app_key_in_use_is_explained_and_not_retried()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions());
        await using var client = await KisFeedClient.ConnectAsync(
            new KisFeedOptions { AppKey = Service.AppKey, AppSecret = Service.AppSecret, WebSocketUrl = server.WebSocketUrl });
        await using var held = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        var (code, findings, _) = await RunDoctorAsync(Service.VariablesFor(server.WebSocketUrl.ToString()));

        code.ShouldBe(ExitCode.Refused);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Check.ShouldBe("subscription");
        failed.Text.ShouldContain("OPSP8996");
        failed.Advice!.ShouldContain("end the other program");
        server.Statistics.ConnectionsAccepted.ShouldBe(2);
    }

    [Fact]
    public async Task A_service_that_kicks_every_connection_is_contacted_once()
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Faults = new SimulatorFaults { KickOnConnect = 100 } });
        var (code, _, _) = await RunDoctorAsync(Service.VariablesFor(server.WebSocketUrl.ToString()));

        code.ShouldBe(ExitCode.ConnectionLost);
        server.Statistics.ConnectionsAccepted.ShouldBe(1);
        server.Statistics.ApprovalKeysIssued.ShouldBe(1);
    }

    [Theory]
    [InlineData("bond:KR103502GA34", "OPSP8992", "'kisfeed feeds' lists the feeds")]
    [InlineData("notice", "OPSP0017", "it is case-sensitive")]
    public async Task A_refused_registration_is_explained(string target, string broker, string advice)
    {
        var faults = target == "notice" ? SimulatorFaults.None : new SimulatorFaults { Refuse = "OPSP8992" };
        await using var service = await Service.StartAsync(new SimulatorOptions { HtsId = "SomebodyElse", Faults = faults });
        var (code, findings, _) = await RunDoctorAsync(service.Variables, Now, target);

        code.ShouldBe(ExitCode.Refused);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Text.ShouldContain(broker);
        failed.Advice!.ShouldContain(advice);
    }

    [Theory]
    [InlineData("index:0001", "2026-11-20T09:00:00+09:00", "failed", "although the Korean market should be open")]
    [InlineData("index:0001", "2026-11-20T08:59:59+09:00", "note", "outside the hours")]
    [InlineData("index:0001", "2026-11-20T15:45:00+09:00", "note", "outside the hours")]
    [InlineData("index:0001", "2026-11-21T10:00:00+09:00", "note", "outside the hours")]
    [InlineData("index:0001", "2026-11-19T23:30:00-01:00", "failed", "although the Korean market should be open")]
    [InlineData("notice", "2026-11-20T10:00:00+09:00", "note", "order notices are sent only when there are orders")]
    public async Task A_missing_frame_is_a_failure_only_if_data_are_expected(string target, string now, string status, string text)
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false);
        var (code, findings, _) = await RunDoctorAsync(service.Variables, DateTimeOffset.Parse(now, null), target, "--wait", "100ms");

        code.ShouldBe(status == "failed" ? ExitCode.ConnectionLost : ExitCode.Success);
        var frame = findings.Single(f => f.Check == "first frame");
        frame.Status.ShouldBe(status);
        frame.Text.ShouldStartWith("none received within 0.1 s");
        frame.Text.ShouldContain(text);
        findings.Single(f => f.Check == "clock").Status.ShouldBe("skipped");
        findings.Single(f => f.Check == "heartbeat").Status.ShouldBe("note");
    }

    [Fact]
    public async Task A_heartbeat_of_a_quiet_session_is_detected()
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Rate = 0.001, HeartbeatInterval = TimeSpan.FromMilliseconds(100) });
        var run = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(server.WebSocketUrl.ToString()), "doctor", "notice", "--wait", "2s");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Output);
        run.Lines.ShouldContain(line => HeartbeatLine().IsMatch(line));
    }

    [Fact]
    public async Task Appended_columns_are_a_warning_until_a_layout_file_names_them()
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Bytes(Samples.Index + "^7^8"));
        using var layouts = new TemporaryFile("""{"layouts":[{"trId":"H0UPCNT0","append":["COLUMN_31","COLUMN_32"]}]}""");
        var (unnamedCode, unnamed, result) = await RunDoctorAsync(service.Variables);
        var (namedCode, named, _) = await RunDoctorAsync(service.Variables, Now, "--layouts", layouts.Path);

        unnamedCode.ShouldBe(ExitCode.Success);
        var warning = unnamed.Single(f => f.Status == "warning");
        warning.Text.ShouldStartWith("H0UPCNT0 has 32 columns, of which 30 are known");
        warning.Advice!.ShouldEndWith("""{"layouts":[{"trId":"H0UPCNT0","append":["COLUMN_31","COLUMN_32"]}]}""");
        result.GetProperty("warnings").GetInt32().ShouldBe(1);
        namedCode.ShouldBe(ExitCode.Success);
        named.Single(f => f.Check == "decoding").Text.ShouldBe("1 record of 32 columns, all of them readable");
    }

    [Theory]
    [InlineData("0|H0UPCNT0|001|0001^091240")]
    [InlineData("0|H0UPCNT0|001|0001^091240^price^2^32.68^63952^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0."
        + "92^1.27^0.70^0^670^72^177^0^0^0^19")]
    public async Task An_unreadable_frame_is_a_separate_failure(string frame)
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Bytes(frame));
        var (code, findings, _) = await RunDoctorAsync(service.Variables);

        code.ShouldBe(ExitCode.MalformedData);
        findings.Single(f => f.Status == "failed").Check.ShouldBe("decoding");
        findings.Single(f => f.Check == "heartbeat").Status.ShouldBe("note");
    }

    [Theory]
    [InlineData("09:12:38", "ok", "agrees with the frame's time")]
    [InlineData("09:12:43", "ok", "agrees with the frame's time")]
    [InlineData("09:12:37", "warning", "this machine's clock is about 3.0 s behind the frame's time, 09:12:40 in Korea")]
    [InlineData("09:12:44", "warning",
        "this machine's clock is about 3.0 s ahead of the frame's time, 09:12:40 in Korea, or the frame was delayed")]
    [InlineData("09:17:41", "warning", "this machine's clock is about 5 min ahead of")]
    [InlineData("09:22:40", "note", "cannot be checked: the frame is from 09:12:40 but this machine's time in Korea is 09:22:40")]
    public async Task A_wrong_clock_is_reported_with_its_difference(string local, string status, string text)
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Bytes(Samples.Index));
        var (code, findings, _) = await RunDoctorAsync(service.Variables, DateTimeOffset.Parse($"2026-11-20T{local}+09:00", null));

        code.ShouldBe(ExitCode.Success);
        var clock = findings.Single(f => f.Check == "clock");
        (clock.Status, clock.Text).ShouldSatisfyAllConditions(c => c.Status.ShouldBe(status), c => c.Text.ShouldStartWith(text));
        (clock.Advice is null).ShouldBe(status == "ok");
    }

    [Fact]
    public async Task On_a_terminal_the_output_is_coloured_unless_disabled()
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Bytes(Samples.Index));
        var coloured = await RunAsync(service.Variables, Now, isTerminal: true);
        var plain = await RunAsync(
            new Dictionary<string, string>(service.Variables, StringComparer.Ordinal) { ["NO_COLOR"] = "1" }, Now, isTerminal: true);

        coloured.Output.ShouldContain("\e[32mok       \e[0m");
        coloured.Error.ShouldContain("connection …\e[?7h\r\r\e[J");
        plain.Output.ShouldNotContain("\e");
    }

    [Fact]
    public async Task An_interrupt_ends_the_checks_after_the_findings_so_far()
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false);
        await using var doctor = RunningCommand.Start(service.Variables, "doctor", "--wait", "1h");
        await doctor.WaitForOutputAsync(output => output.Contains("acknowledged", StringComparison.Ordinal));
        var run = await doctor.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Interrupted);
        run.Lines[^1].ShouldStartWith("ok       subscription");
        run.Error.ShouldBeEmpty();
    }

    [GeneratedRegex(@"^ok       heartbeat      \d+ received and answered$", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex HeartbeatLine();
}
