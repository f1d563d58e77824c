using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Capture;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Fanout;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Native;

/// <summary>The native command compared with the JIT build: size, start, memory and throughput.</summary>
internal sealed class NativeSuite : IBenchmarkSuite
{
    private const double MiB = 1 << 20;
    private const string Version = "--version";
    private const string FirstAnswer = "gateway, first answer";
    private const string Size = "size";
    private const string Resident = "idle gateway, RSS";
    private const string EmptyProgram = "/bin/true";
    private const int Consumers = 200;
    private const int Rate = 500;
    private const int StartsInRow = 10;
    private const string Repeat = "n=$0; while [ $n -gt 0 ]; do \"$@\" >/dev/null || exit; n=$((n - 1)); done";

    private static readonly Amounts s_usual = new(10, 10, 3, 200_000, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2));
    private static readonly Amounts s_brief = new(1, 1, 1, 2_000, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.3));
    private static readonly string[] s_gateway =
        ["gateway", "--simulate", "--port", "0", "--format", "json", "--insecure-no-tokens", "--log", "error"];

    public string Name => "native";

    public string Description => "the native command and the JIT build: size, start, memory, throughput; publishes both unless "
        + "KISFEED_JIT and KISFEED_NATIVE name their folders";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var amounts = rounds.IsBrief ? s_brief : s_usual;
        var (jit, native) = rounds.IsBrief ? PublishedCommand.Beside() : await PublishedCommand.FindAsync(cancellationToken);
        yield return await CompareStartAsync(rounds, amounts, jit, native, cancellationToken);
        yield return await CompareServingAsync(rounds, amounts, jit, native, cancellationToken);
        yield return await CompareReadingAsync(rounds, amounts, jit, native, cancellationToken);
    }

    private static async Task<Comparison> CompareStartAsync(
        Rounds rounds, Amounts amounts, PublishedCommand jit, PublishedCommand native, CancellationToken cancellationToken)
    {
        var versions = await rounds.RunAsync(
            "native: --version",
            [
                .. CandidatesOf(jit, native, command => MeasureVersionAsync(command.Start, cancellationToken)),
                new Candidate(EmptyProgram, ending => MeasureVersionAsync([EmptyProgram], ending)),
            ],
            amounts.Starts,
            cancellationToken);
        using var http = new HttpClient();
        var answers = await rounds.RunAsync(
            "native: the first answer",
            CandidatesOf(jit, native, command => MeasureFirstAnswerAsync(command, http, cancellationToken)),
            amounts.GatewayStarts,
            cancellationToken);
        var memory = await Task.WhenAll(
            MeasureIdleAsync(jit, amounts.Idle, cancellationToken), MeasureIdleAsync(native, amounts.Idle, cancellationToken));
        CandidateResult[] results =
        [
            .. new[] { jit, native }.Select((command, i) => new CandidateResult(
                command.Name,
                [new Figure(Size, "MiB", command.Size / MiB), .. versions[i].Medians, .. answers[i].Medians, .. memory[i]])),
        ];
        var (ofJit, ofNative) = (results[0], results[1]);
        return new Comparison(
            "native: size, start and memory",
            results,
            [
                new Target("size of the native command", ofNative[Size], " MiB", Bound.AtMost, 40),
                new Target("start of kisfeed --version", ofNative[Version], " ms", Bound.AtMost, 15),
                new Target("start of a simulating gateway to its first answer", ofNative[FirstAnswer], " ms", Bound.AtMost, 150),
                new Target("memory of an idle gateway, of the JIT build's", ofNative[Resident] / ofJit[Resident], "×", Bound.AtMost, 0.67),
            ],
            [string.Create(CultureInfo.InvariantCulture, $"The JIT build also needs the ASP.NET Core runtime, {RuntimeSize():0} MiB. "
                + $"A shell starts --version {StartsInRow} times in a row; {EmptyProgram} takes {versions[2][Version]:0.0} ms there. "
                + $"The time to the first answer includes that of .NET to start a process. A gateway is idle for "
                + $"{amounts.Idle.TotalSeconds:0} s.")]);
    }

    private static async Task<Comparison> CompareServingAsync(
        Rounds rounds, Amounts amounts, PublishedCommand jit, PublishedCommand native, CancellationToken cancellationToken)
    {
        var consumers = rounds.IsBrief ? 20 : Consumers;
        await using var ofJit = await FanoutServer.StartGatewayAsync(cancellationToken, jit.Start);
        await using var ofNative = await FanoutServer.StartGatewayAsync(cancellationToken, native.Start);
        using var consumersOfJit = await FanoutConsumerGroup.ConnectAsync(ofJit, consumers, cancellationToken);
        using var consumersOfNative = await FanoutConsumerGroup.ConnectAsync(ofNative, consumers, cancellationToken);
        var results = await rounds.RunAsync(
            $"native: a gateway with {consumers} consumers",
            [
                new Candidate(jit.Name, ending => consumersOfJit.RoundAsync(Rate, amounts.Load, amounts.Load, ending)),
                new Candidate(native.Name, ending => consumersOfNative.RoundAsync(Rate, amounts.Load, amounts.Load, ending)),
            ],
            amounts.Rounds,
            // Until tiered compilation has replaced the first code of the JIT build.
            10 * amounts.Load,
            cancellationToken);
        return new Comparison(
            $"native: a gateway with {consumers} consumers, at full speed and paced at {Rate} frames a second",
            results,
            [],
            [Advice("deliveries a second", results[0][FanoutSuite.Deliveries] / results[1][FanoutSuite.Deliveries])]);
    }

    private static async Task<Comparison> CompareReadingAsync(
        Rounds rounds, Amounts amounts, PublishedCommand jit, PublishedCommand native, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-native-");
        try
        {
            var frames = SimulatedFrames.Make(amounts.Frames);
            var lines = Path.Combine(folder.FullName, "frames.txt");
            await File.WriteAllBytesAsync(lines, [.. frames.SelectMany(frame => frame.Append((byte)'\n'))], cancellationToken);
            var files = new CaptureFiles(folder.FullName, frames);
            files.WriteCaptureFast();
            var capture = Path.Combine(folder.FullName, "fast");
            var results = await rounds.RunAsync(
                "native: files",
                CandidatesOf(jit, native, async command =>
                [
                    await MeasureLinesAsync("decode", command, frames.Length, ["decode", lines], cancellationToken),
                    await MeasureLinesAsync("export", command, frames.Length, ["export", capture, "--feed", "index"], cancellationToken),
                    await MeasureLinesAsync("bars", command, frames.Length, ["bars", capture, "--feed", "index"], cancellationToken),
                ]),
                amounts.Rounds,
                cancellationToken);
            return new Comparison(
                string.Create(CultureInfo.InvariantCulture, $"native: commands on {frames.Length:N0} frames, with their start"),
                results,
                [],
                [.. results[0].Medians.Select(figure => Advice(figure.Name, figure.Value / results[1][figure.Name]))]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Candidate[] CandidatesOf(
        PublishedCommand jit, PublishedCommand native, Func<PublishedCommand, Task<IReadOnlyList<Figure>>> measure) =>
        [.. new[] { jit, native }.Select(command => new Candidate(command.Name, _ => measure(command)))];

    private static string Advice(string what, double ofJit) => string.Create(CultureInfo.InvariantCulture, $"{what}: the JIT build has "
        + $"{ofJit:0.00} times those of the native command{(ofJit > 1.05 ? "; use it where this matters" : "")}.");

    // By a shell, because .NET takes longer to start a process than the process to run.
    private static async Task<IReadOnlyList<Figure>> MeasureVersionAsync(IReadOnlyList<string> start, CancellationToken cancellationToken)
    {
        var times = StartsInRow.ToString(CultureInfo.InvariantCulture);
        var startedAt = Stopwatch.GetTimestamp();
        await ProcessRunner.RunAsync(
            "/bin/sh", ["-c", Repeat, times, .. start, "--version"], TimeSpan.FromMinutes(2), cancellationToken: cancellationToken);
        return [new Figure(Version, "ms", Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds / StartsInRow)];
    }

    private static async Task<IReadOnlyList<Figure>> MeasureFirstAnswerAsync(
        PublishedCommand command, HttpClient http, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        await using var gateway = await ServerProcess.StartKisFeedAsync(command.Start, s_gateway, [], cancellationToken);
        await http.GetStringAsync(new Uri($"http://127.0.0.1:{gateway.Port}/v1/status"), cancellationToken);
        return [new Figure(FirstAnswer, "ms", Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds)];
    }

    private static async Task<IReadOnlyList<Figure>> MeasureIdleAsync(
        PublishedCommand command, TimeSpan idle, CancellationToken cancellationToken)
    {
        await using var gateway = await ServerProcess.StartKisFeedAsync(command.Start, s_gateway, [], cancellationToken);
        await Task.Delay(idle, cancellationToken);
        return
        [
            new Figure(Resident, "MiB", gateway.Process.Memory("VmRSS") / MiB),
            new Figure("idle gateway, without mapped files", "MiB", gateway.Process.Memory("RssAnon") / MiB),
        ];
    }

    private static async Task<Figure> MeasureLinesAsync(
        string name, PublishedCommand command, int frames, string[] arguments, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        await ProcessRunner.RunAsync(
            "/bin/sh", ["-c", "exec \"$@\" >/dev/null", "sh", .. command.Start, .. arguments], TimeSpan.FromMinutes(2),
            cancellationToken: cancellationToken);
        return new Figure($"{name}: frames a second", "", frames / Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
    }

    private static double RuntimeSize()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var web = Path.Combine(runtime, "..", "..", "Microsoft.AspNetCore.App", Path.GetFileName(runtime));
        return new[] { runtime, web }.Where(Directory.Exists)
            .Sum(folder => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length)) / MiB;
    }

    /// <summary>How much is measured.</summary>
    /// <param name="Starts">Rounds of starts of <c>kisfeed --version</c>.</param>
    /// <param name="GatewayStarts">Starts of a gateway.</param>
    /// <param name="Rounds">Rounds of throughput.</param>
    /// <param name="Frames">Frames of the files.</param>
    /// <param name="Idle">How long a gateway is idle before its memory is read.</param>
    /// <param name="Load">How long a gateway is under load in each round.</param>
    private sealed record Amounts(int Starts, int GatewayStarts, int Rounds, int Frames, TimeSpan Idle, TimeSpan Load);
}
