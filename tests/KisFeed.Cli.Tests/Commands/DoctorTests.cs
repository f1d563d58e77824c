using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Tests.Running;
using KisFeed.Feeds;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Commands;

public sealed partial class DoctorTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    // A Friday, a second after the sample's time.
    private static readonly DateTimeOffset s_now = new(2026, 11, 20, 9, 12, 41, TimeSpan.FromHours(9));
    private static readonly string[] s_checks = ["configuration", "network", "approval key", "WebSocket", "subscription", "first frame", "decoding", "clock", "heartbeat"];

    [Fact]
    public async Task Where_all_is_well_it_says_so_step_by_step()
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false, Bytes(Samples.Index));
        var (code, findings, result) = await ExamineAsync(service.Variables);

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
    public async Task Against_the_simulator_all_is_well_but_its_clock_is_its_own()
    {
        await using var service = await Service.StartAsync();
        var (code, findings, _) = await ExamineAsync(service.Variables, s_now.AddHours(9));

        code.ShouldBe(ExitCode.Success);
        findings.ShouldAllBe(f => f.Status == "ok" || f.Status == "note");
        var clock = findings.Single(f => f.Check == "clock");
        clock.Status.ShouldBe("note");
        clock.Text.ShouldMatch("^cannot be checked: the frame is from 09:00:.. but this machine's time in Korea is 18:12:41, so the source is a simulator or a replay$");
    }

    [Fact]
    public async Task Text_has_a_line_for_each_finding_and_a_last_one_for_all()
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false, Bytes(Samples.Index));
        var run = await RunAsync(service.Variables, s_now);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines[^1].ShouldBe("All is well.");
        run.Lines[..^2].ShouldAllBe(line => line.StartsWith("ok       ", StringComparison.Ordinal) || line.StartsWith("note     ", StringComparison.Ordinal));
        run.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_not_looked_at_is_named_in_one_line()
    {
        var run = await RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), s_now);

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
    public async Task Wrong_credentials_are_told_apart_and_nothing_further_is_tried(string? appKey, string? appSecret, string broker, string advice)
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { AppKey = appKey, AppSecret = appSecret });
        var (code, findings, result) = await ExamineAsync(service.Variables);

        code.ShouldBe(ExitCode.Refused);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Check.ShouldBe("approval key");
        failed.Text.ShouldContain(broker);
        failed.Advice!.ShouldContain(advice);
        findings.Where(f => f.Status == "skipped").Select(f => f.Check).ShouldBe(["subscription", "first frame", "decoding", "clock", "heartbeat"]);
        result.GetProperty("exitCode").GetInt32().ShouldBe(ExitCode.Refused);
    }

    [Fact]
    public async Task An_address_at_which_there_is_no_WebSocket_is_told()
    {
        await using var service = await Service.StartAsync();
        var (code, findings, _) = await ExamineAsync(service.Variables, s_now, "--url", service.Url + "/elsewhere");

        code.ShouldBe(ExitCode.ConnectionLost);
        findings.Single(f => f.Check == "approval key").Status.ShouldBe("ok");
        findings.Single(f => f.Check == "WebSocket").Advice!.ShouldContain("check the address, its port and its path");
    }

    [Fact]
    public async Task A_name_that_cannot_be_resolved_is_told()
    {
        var (code, findings, _) = await ExamineAsync(Service.VariablesFor("ws://no-such-host.invalid:21000"));

        code.ShouldBe(ExitCode.ConnectionLost);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Check.ShouldBe("network");
        failed.Text.ShouldStartWith("REST and WebSocket, no-such-host.invalid port 21000: the name");
        failed.Advice!.ShouldContain("name server");
    }

    [Fact]
    public async Task A_port_at_which_nothing_listens_is_told()
    {
        string url;
        await using (var service = await Service.StartAsync())
            url = service.Url;
        var (code, findings, _) = await ExamineAsync(Service.VariablesFor(url));

        code.ShouldBe(ExitCode.ConnectionLost);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Text.ShouldMatch(@"^REST and WebSocket, 127\.0\.0\.1 port \d+: cannot be reached: ");
        failed.Advice!.ShouldStartWith("Nothing listens there");
    }

    [Fact]
    public async Task An_app_key_that_is_in_use_is_explained_and_not_tried_again()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions());
        await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions { AppKey = Service.AppKey, AppSecret = Service.AppSecret, WebSocketUrl = server.WebSocketUrl });
        await using var held = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        var (code, findings, _) = await ExamineAsync(Service.VariablesFor(server.WebSocketUrl.ToString()));

        code.ShouldBe(ExitCode.Refused);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Check.ShouldBe("subscription");
        failed.Text.ShouldContain("OPSP8996");
        failed.Advice!.ShouldContain("end the other program");
        server.Statistics.ConnectionsAccepted.ShouldBe(2);
    }

    [Fact]
    public async Task A_service_that_kicks_everybody_is_connected_to_once()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Faults = new SimulatorFaults { KickOnConnect = 100 } });
        var (code, _, _) = await ExamineAsync(Service.VariablesFor(server.WebSocketUrl.ToString()));

        code.ShouldBe(ExitCode.ConnectionLost);
        server.Statistics.ConnectionsAccepted.ShouldBe(1);
        server.Statistics.ApprovalKeysIssued.ShouldBe(1);
    }

    [Theory]
    [InlineData("bond:KR103502GA34", "OPSP8992", "'kisfeed feeds' lists the feeds")]
    [InlineData("notice", "OPSP0017", "it is case-sensitive")]
    public async Task A_registration_that_is_refused_is_explained(string target, string broker, string advice)
    {
        var faults = target == "notice" ? SimulatorFaults.None : new SimulatorFaults { Refuse = "OPSP8992" };
        await using var service = await Service.StartAsync(new SimulatorOptions { HtsId = "SomebodyElse", Faults = faults });
        var (code, findings, _) = await ExamineAsync(service.Variables, s_now, target);

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
    public async Task That_no_frame_comes_is_a_failure_only_where_one_should(string target, string now, string status, string text)
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false);
        var (code, findings, _) = await ExamineAsync(service.Variables, DateTimeOffset.Parse(now, null), target, "--wait", "100ms");

        code.ShouldBe(status == "failed" ? ExitCode.ConnectionLost : ExitCode.Success);
        var frame = findings.Single(f => f.Check == "first frame");
        frame.Status.ShouldBe(status);
        frame.Text.ShouldStartWith("none received within 0.1 s");
        frame.Text.ShouldContain(text);
        findings.Single(f => f.Check == "clock").Status.ShouldBe("skipped");
        findings.Single(f => f.Check == "heartbeat").Status.ShouldBe("note");
    }

    [Fact]
    public async Task A_heartbeat_on_a_quiet_session_is_seen()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 0.001, HeartbeatInterval = TimeSpan.FromMilliseconds(100) });
        var run = await CommandRun.WithVariablesAsync(Service.VariablesFor(server.WebSocketUrl.ToString()), "doctor", "notice", "--wait", "2s");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Output);
        run.Lines.ShouldContain(line => HeartbeatLine().IsMatch(line));
    }

    [Fact]
    public async Task Appended_columns_are_a_warning_until_a_layout_file_names_them()
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false, Bytes(Samples.Index + "^7^8"));
        using var layouts = new TemporaryFile("""{"layouts":[{"trId":"H0UPCNT0","append":["COLUMN_31","COLUMN_32"]}]}""");
        var (unnamedCode, unnamed, result) = await ExamineAsync(service.Variables);
        var (namedCode, named, _) = await ExamineAsync(service.Variables, s_now, "--layouts", layouts.Path);

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
    [InlineData("0|H0UPCNT0|001|0001^091240^price^2^32.68^63952^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19")]
    public async Task A_frame_that_cannot_be_read_is_a_failure_of_its_own(string frame)
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false, Bytes(frame));
        var (code, findings, _) = await ExamineAsync(service.Variables);

        code.ShouldBe(ExitCode.MalformedData);
        findings.Single(f => f.Status == "failed").Check.ShouldBe("decoding");
        findings.Single(f => f.Check == "heartbeat").Status.ShouldBe("note");
    }

    [Theory]
    [InlineData("09:12:38", "ok", "agrees with the frame's time")]
    [InlineData("09:12:43", "ok", "agrees with the frame's time")]
    [InlineData("09:12:37", "warning", "this machine's clock is about 3.0 s behind the frame's time, 09:12:40 in Korea")]
    [InlineData("09:12:44", "warning", "this machine's clock is about 3.0 s ahead of the frame's time, 09:12:40 in Korea, or the frame was delayed")]
    [InlineData("09:17:41", "warning", "this machine's clock is about 5 min ahead of")]
    [InlineData("09:22:40", "note", "cannot be checked: the frame is from 09:12:40 but this machine's time in Korea is 09:22:40")]
    public async Task A_clock_that_is_wrong_is_told_by_how_much(string local, string status, string text)
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false, Bytes(Samples.Index));
        var (code, findings, _) = await ExamineAsync(service.Variables, DateTimeOffset.Parse($"2026-11-20T{local}+09:00", null));

        code.ShouldBe(ExitCode.Success);
        var clock = findings.Single(f => f.Check == "clock");
        (clock.Status, clock.Text).ShouldSatisfyAllConditions(c => c.Status.ShouldBe(status), c => c.Text.ShouldStartWith(text));
        (clock.Advice is null).ShouldBe(status == "ok");
    }

    [Fact]
    public async Task Without_credentials_the_places_for_them_are_named()
    {
        var (code, findings, _) = await ExamineAsync(new Dictionary<string, string>(StringComparer.Ordinal));

        code.ShouldBe(ExitCode.Usage);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Text.ShouldContain("KISFEED_APPKEY and KISFEED_APPSECRET are not set");
        failed.Advice!.ShouldContain("kisfeed simulate");
        findings.Count(f => f.Status == "skipped").ShouldBe(7);
    }

    [Fact]
    public async Task Mock_without_an_HTS_ID_has_nothing_to_subscribe_to()
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false);
        var variables = service.Variables;
        variables.Remove(ServiceSettings.HtsIdVariable);
        var (code, findings, _) = await ExamineAsync(variables, s_now, "--env", "mock");

        code.ShouldBe(ExitCode.Success);
        findings.Single(f => f.Status == "warning").Advice!.ShouldContain("KISFEED_HTSID");
        findings.Single(f => f.Check == "WebSocket").Status.ShouldBe("ok");
        findings.ShouldContain(f => f.Text == "environment: mock (모의투자) (command line)");
    }

    [Theory]
    [InlineData("KISFEED_APPKEY", "APPKEY WITH BLANKS IN IT", "contains spaces or line breaks")]
    [InlineData("KISFEED_APPSECRET", "SHORT", "so they may be swapped")]
    [InlineData("KISFEED_REST", "https://openapivts.koreainvestment.com:29443", "an address is that of Mock")]
    public async Task What_is_probably_not_meant_is_a_warning(string variable, string value, string text)
    {
        string url;
        await using (var service = await Service.StartAsync())
            url = service.Url;
        var variables = Service.VariablesFor(url);
        variables[variable] = value;
        var (_, findings, _) = await ExamineAsync(variables);

        findings.Where(f => f is { Check: "configuration", Status: "warning" }).ShouldHaveSingleItem().Text.ShouldContain(text);
    }

    [Fact]
    public async Task Secrets_in_files_are_named_by_their_files()
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false, Bytes(Samples.Index));
        var folder = Directory.CreateTempSubdirectory("kisfeed-secrets-");
        try
        {
            var variables = service.Variables;
            var (key, secret) = (Path.Combine(folder.FullName, "appkey"), Path.Combine(folder.FullName, "appsecret"));
            await File.WriteAllTextAsync(key, Service.AppKey + "\n");
            await File.WriteAllTextAsync(secret, Service.AppSecret + "\n");
            variables.Remove(ServiceSettings.AppKeyVariable);
            variables.Remove(ServiceSettings.AppSecretVariable);
            (variables[ServiceSettings.AppKeyVariable + "_FILE"], variables[ServiceSettings.AppSecretVariable + "_FILE"]) = (key, secret);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            var (code, findings, _) = await ExamineAsync(variables);

            code.ShouldBe(ExitCode.Success);
            findings.ShouldContain(f => f.Text == $"app key and app secret: {key} (KISFEED_APPKEY_FILE)");
            if (!OperatingSystem.IsWindows())
                findings.ShouldContain(f => f.Status == "warning" && f.Text == $"{secret} holds a secret, and every user of this machine may read it: chmod o-r {secret}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task More_app_keys_are_said_not_to_be_checked()
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false, Bytes(Samples.Index));
        var variables = service.Variables;
        variables["KISFEED_APPKEY_2"] = "ANOTHERAPPKEY00000000000000000000000";
        variables["KISFEED_APPSECRET_2"] = "ANOTHERAPPSECRET000000000000000000000000000000000";
        var (code, findings, _) = await ExamineAsync(variables);

        code.ShouldBe(ExitCode.Success);
        findings.ShouldContain(f => f.Text == "1 more app key is not checked: one connection is made, with the first");
    }

    [Theory]
    [InlineData("'nothing' is not a feed", "nothing:0001")]
    [InlineData("--url: 'http://x'", "--url", "http://x")]
    [InlineData("the mock service does not have H0UPCNT0", "index:0001", "--env", "mock")]
    public async Task What_cannot_be_is_a_failure_of_the_configuration(string text, params string[] arguments)
    {
        var (code, findings, _) = await ExamineAsync(Service.VariablesFor("ws://127.0.0.1:9"), s_now, arguments);

        code.ShouldBe(ExitCode.Usage);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Check.ShouldBe("configuration");
        failed.Text.ShouldContain(text);
    }

    [Fact]
    public async Task On_a_terminal_it_is_coloured_unless_that_is_not_wanted()
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false, Bytes(Samples.Index));
        var coloured = await RunAsync(service.Variables, s_now, isTerminal: true);
        var plain = await RunAsync(new Dictionary<string, string>(service.Variables, StringComparer.Ordinal) { ["NO_COLOR"] = "1" }, s_now, isTerminal: true);

        coloured.Output.ShouldContain("\e[32mok       \e[0m");
        coloured.Error.ShouldContain("connection …\r\e[K");
        plain.Output.ShouldNotContain("\e");
    }

    [Fact]
    public async Task Interrupting_ends_it_after_what_it_has_found()
    {
        await using var service = await ScriptedService.StartAsync(1, hangsUp: false);
        await using var doctor = RunningCommand.Start(service.Variables, "doctor", "--wait", "1h");
        await doctor.UntilOutputAsync(output => output.Contains("acknowledged", StringComparison.Ordinal));
        var run = await doctor.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Interrupted);
        run.Lines[^1].ShouldStartWith("ok       subscription");
        run.Error.ShouldBeEmpty();
    }

    private static Task<(int Code, Finding[] Findings, JsonElement Result)> ExamineAsync(Dictionary<string, string> variables) => ExamineAsync(variables, s_now);

    private static async Task<(int Code, Finding[] Findings, JsonElement Result)> ExamineAsync(Dictionary<string, string> variables, DateTimeOffset now, params string[] arguments)
    {
        var run = await RunAsync(variables, now, [.. arguments, "--format", "json"]);
        run.Error.ShouldBeEmpty();
        var findings = run.Objects[..^1].Select(o => new Finding(o.GetProperty("check").GetString()!, o.GetProperty("status").GetString()!, o.GetProperty("text").GetString()!, o.GetProperty("advice").GetString()));
        return (run.ExitCode, [.. findings], run.Objects[^1]);
    }

    private static Task<CommandRun> RunAsync(Dictionary<string, string> variables, DateTimeOffset now, params string[] arguments) => RunAsync(variables, now, isTerminal: false, arguments);

    // Whatever it finds, it shows nothing secret.
    private static async Task<CommandRun> RunAsync(Dictionary<string, string> variables, DateTimeOffset now, bool isTerminal, params string[] arguments)
    {
        using var output = new MemoryStream();
        await using var error = new StringWriter { NewLine = "\n" };
        var host = new CommandHost
        {
            Input = Stream.Null,
            Output = output,
            Error = TextWriter.Synchronized(error),
            OutputIsTerminal = isTerminal,
            ErrorIsTerminal = isTerminal,
            Variable = variables.GetValueOrDefault,
            Time = new StoppedClock(now),
        };
        var code = await CommandLine.RunAsync(["doctor", .. arguments], host, CancellationToken.None).WaitAsync(s_limit);
        var run = new CommandRun(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
        foreach (var secret in (string[])[Service.AppKey, Service.AppKey[..6], Service.AppSecret, Service.HtsId])
            (run.Output + run.Error).ShouldNotContain(secret, Case.Sensitive);
        return run;
    }

    [GeneratedRegex(@"^ok       heartbeat      \d+ received and answered$", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex HeartbeatLine();

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private sealed record Finding(string Check, string Status, string Text, string? Advice);
}
