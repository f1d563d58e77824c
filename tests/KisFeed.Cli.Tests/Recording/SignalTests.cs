using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using KisFeed.Capture.Tests;
using KisFeed.Capture.Tests.Recording;
using KisFeed.Simulator;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>
/// Ctrl-C, SIGTERM and SIGSTOP: to a recorder while frames arrive, and to every other command in the state that is the hardest to end.
/// </summary>
public sealed class SignalTests(ITestOutputHelper report) : IDisposable
{
    private const int Frames = 200_000; // Takes seconds to read.
    private const int PipeBytes = 64 * 1024;
    private const string Started = "\"websocket\"";

    // They should end within 2 s. A machine that is busy with other tests needs more.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    // They neither connect to anything nor read more than a file.
    private static readonly string[] s_short =
    [
        "feeds", "find", "masters", "completion", "complete", "man", "gateway token add", "gateway token list", "gateway token link",
        "gateway token set", "gateway token rotate", "gateway token remove",
    ];

    private readonly CaptureFolder _folder = new();

    /// <summary>The commands, with those that they are part of.</summary>
    public static TheoryData<string> Commands =>
        [.. LongOnesOf(CommandLine.Create(CommandHost.OfProcess())).Except(s_short, StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Trait(TestRun.Length, TestRun.Long)]
    [MemberData(nameof(Commands))]
    public async Task A_signal_ends_every_command_in_every_state(string command)
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 20_000 });
        var service = simulator.WebSocketUrl.ToString();
        var states = StatesOf(command, service, silent: 0).Length;
        states.ShouldBePositive($"kisfeed {command} needs a state here, or a place among the short ones");
        for (var i = 0; i < states; i++)
            await Task.WhenAll(EndAsync(command, i, service, "INT"), EndAsync(command, i, service, "TERM"));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_the_recorder_with_all_received_data_in_closed_files(string signal)
    {
        await using var service = await NumberedService.StartAsync(new() { Pause = TimeSpan.FromMilliseconds(1) });
        await using var record = ProcessRunner.StartKisFeed(
            Service.VariablesFor(service.Url.ToString()),
            [
                "record", .. NumberedService.Keys.Select(key => $"{key.TrId}:{key.Key}"), "--dir", _folder.Path, "--format", "json",
                "--max-file-size", "128K",
            ]);
        await service.UntilSentAsync(0, 5_000);
        await record.SignalAsync(signal);

        (await record.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, record.Errors);
        record.Errors.ShouldBe($"kisfeed: recording 3 registrations into {_folder.Path}\n");
        var end = JsonSerializer.Deserialize<JsonElement>(record.Output.TrimEnd().Split('\n')[^1]);
        end.GetProperty("ended").GetBoolean().ShouldBeTrue();
        var received = end.GetProperty("received").GetInt64();
        (end.GetProperty("flushed").GetInt64(), end.GetProperty("lost").GetInt64(), end.GetProperty("dropped").GetInt64())
            .ShouldBe((received, 0, 0));

        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.ShouldBeWhatWasSent();
        recorded.Numbers.ShouldBe(Enumerable.Range(0, (int)received).Select(number => (0, number)));
        var verifier = new CaptureVerifier(_folder.Path);
        verifier.Compare();
        verifier.ShouldBeInOrder();
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_recorder_that_was_stopped_states_the_whole_pause()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 100 });
        await using var record = ProcessRunner.StartKisFeed(
            Service.VariablesFor(server.WebSocketUrl.ToString()),
            ["record", "index:0001", "--dir", _folder.Path, "--format", "json", "--flush", "50ms"]);
        await RecordedAsync(frames: 20);
        await record.SignalAsync("STOP");
        var pause = TimeSpan.FromSeconds(7); // Longer than what counts as a pause.
        await Task.Delay(pause);
        await record.SignalAsync("CONT");
        await RecordedAsync(frames: 100);
        await record.SignalAsync("INT");
        (await record.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, record.Errors);

        var recorded = await Recorded.ReadAsync(_folder.Path);
        var gap = recorded.Events.Single(e => e.Kind == CaptureEventKind.Gap);
        gap.Reason.ShouldBe(GapReason.Paused);
        (gap.To - gap.From).ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(pause);
        var interruption = recorded.Events.Single(e => e.Kind == CaptureEventKind.Interrupted);
        interruption.At.ShouldBeInRange(gap.From!.Value, gap.To!.Value - pause);

        async Task RecordedAsync(long frames)
        {
            var flushed = 0L;
            while (flushed < frames)
            {
                flushed = JsonSerializer.Deserialize<JsonElement>(await record.ReadLineAsync(Patience.Limit)).GetProperty("flushed")
                    .GetInt64();
            }
        }
    }

    private static IEnumerable<string> LongOnesOf(Command command, string path = "") =>
        command.Subcommands.Where(child => child is not CommandGroup)
            .Select(child => path + child.Name)
            .Concat(command.Subcommands.SelectMany(child => LongOnesOf(child, $"{path}{child.Name} ")));

    // A server that accepts connections and is silent stands for the broker, for a gateway, for PostgreSQL and for RabbitMQ.
    private State[] StatesOf(string command, string service, int silent)
    {
        var (database, cluster, deaf) =
            ($"postgres://x@127.0.0.1:{silent}/x", $"amqp://x:y@127.0.0.1:{silent}/", $"ws://127.0.0.1:{silent}");
        string[] gateway = ["--port", "0", "--insecure-no-tokens", "--format", "json"];
        string[] recording = [.. gateway, "--simulate", "--rate", "5000", "--keep", "index:0001", "--record"];
        return command switch
        {
            "watch" => [new(["index:0001", "--format", "json"], service) { IsRead = false }, new(["index:0001", "--wait"], deaf)],
            "record" => [new(["index:0001", "--dir", NewFolder()], deaf)],
            "doctor" => [new([], deaf)],
            "init" => [new([], deaf) { Input = "PLACEHOLDER"u8.ToArray() }],
            "demo" => [new(["--port", "0"]) { Text = "127.0.0.1", Code = ExitCode.Success }],
            "simulate" => [new(["--port", "0", "--rate", "max"]) { Text = "127.0.0.1", Code = ExitCode.Success }],
            "gateway" =>
            [
                new([.. recording, NewFolder(), "--sink", database]) { Text = Started, Code = ExitCode.Success },
                new([.. recording, NewFolder(), "--sink", cluster]) { Text = Started, Code = ExitCode.Success },
                new([.. gateway, "--live"], deaf) { Text = Started, Code = ExitCode.Success },
                new([.. gateway, "--upstream", cluster]) { Text = Started, Code = ExitCode.Success },
                new([.. gateway, "--upstream", cluster, "--coordination", database]),
                new([.. gateway, "--live", "--record", NewFolder(), "--sink", cluster, "--coordination", database], deaf),
            ],
            "replay" =>
            [
                new([CaptureWithLoops(), "--port", "0"]) { Text = "127.0.0.1", Code = ExitCode.Success },
                new([CaptureWithLoops(), "--stdout", "--speed", "max"]) { IsRead = false },
            ],
            "export" =>
            [
                new([CaptureWithLoops(), "--feed", "index"]) { IsRead = false },
                new(["--url", $"http://127.0.0.1:{silent}", "--feed", "index", "--key", "0001"]),
            ],
            "bars" or "inspect" => [new([CaptureWithLoops()]) { Text = "is skipped" }],
            "decode" => [new([]) { Text = "0001", Input = Captured.Index(1) }],
            "sink" => [new([CaptureWithLoops(), database]) { Code = ExitCode.Success }, new(["--status", database])],
            "cluster status" or "cluster setup" => [new([database])],
            _ => [],
        };
    }

    private async Task EndAsync(string command, int index, string service, string signal)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var state = StatesOf(command, service, ((IPEndPoint)silent.LocalEndpoint).Port)[index];
        var variables = Service.VariablesFor(state.Service ?? "");
        variables["KISFEED_APPKEY"] = TestCredentials.NewAppKey();
        variables["KISFEED_CONFIG"] = command == "init" ? Path.Combine(NewFolder(), "kis_devlp.yaml") : "none";
        if (state.Service is null)
            variables.Clear();
        string[] arguments = [.. command.Split(' '), .. state.Arguments];
        await using var process = ProcessRunner.StartKisFeed(
            new ProcessOptions { Environment = variables, HasRawOutput = !state.IsRead }, arguments);
        var feeding = state.Input is { } line ? FeedAsync(process, line) : Task.CompletedTask;
        if (state.Text is { } text)
            await process.WaitForTextAsync(text, Patience.Limit);
        else if (!state.IsRead)
            await Patience.UntilAsync(() => process.HasExited || WrittenBy(process) >= PipeBytes);
        using var connection = state.IsRead && state.Text is null ? await silent.AcceptSocketAsync().WaitAsync(Patience.Limit) : null;

        var sentAt = Stopwatch.GetTimestamp();
        try
        {
            await process.SignalAsync(signal);
        }
        catch (InvalidOperationException) when (process.HasExited)
        {
            // What reads files may come to its end before. The exit code says so.
        }

        (await process.TryWaitForExitAsync(s_limit)).ShouldBeTrue($"{signal} did not end it within {s_limit}: {process.Report}");
        report.WriteLine($"{Stopwatch.GetElapsedTime(sentAt).TotalSeconds:0.00} s: SIG{signal} to {string.Join(' ', arguments)}");

        var code = await process.WaitForExitAsync(Patience.Limit);
        (code == state.Code || (command is "bars" or "inspect" && code == ExitCode.Success))
            .ShouldBeTrue($"the exit code is {code} instead of {state.Code}: {process.Report}");
        await feeding;
    }

    private static async Task FeedAsync(RunningProcess process, byte[] line)
    {
        try
        {
            while (true)
            {
                await process.Input.BaseStream.WriteAsync(line);
                await process.Input.BaseStream.WriteAsync("\n"u8.ToArray());
            }
        }
        catch (IOException)
        {
            // The process has ended.
        }
    }

    private static long WrittenBy(RunningProcess process) =>
        long.Parse(
            File.ReadLines($"/proc/{process.Id}/io").First(line => line.StartsWith("wchar", StringComparison.Ordinal)).Split(' ')[1],
            CultureInfo.InvariantCulture);

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder.Path, Path.GetRandomFileName())).FullName;

    // Links that a reader must not follow.
    private string CaptureWithLoops()
    {
        var folder = Path.Combine(_folder.Path, "capture");
        if (Directory.Exists(folder))
            return folder;
        using (var writer = _folder.Write(options => options with { Directory = folder }))
        {
            for (var i = 0; i < Frames; i++)
                writer.Write("H0UPCNT0", Captured.Index(i), Captured.At(i));
            writer.Close();
        }

        foreach (var (name, target) in new[] { ("loop", "."), ("up", ".."), ("again", "loop") })
            Directory.CreateSymbolicLink(Path.Combine(folder, name), target);
        return folder;
    }

    // What a command does when the signal comes: it has written a text, is connected to the silent server, or
    // waits for somebody to read its output.
    private sealed record State(string[] Arguments, string? Service = null)
    {
        public string? Text { get; init; }

        public bool IsRead { get; init; } = true;

        public byte[]? Input { get; init; }

        public int Code { get; init; } = ExitCode.Interrupted;
    }
}
