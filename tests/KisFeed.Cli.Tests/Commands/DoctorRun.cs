namespace KisFeed.Cli.Tests.Commands;

/// <summary>Runs <c>kisfeed doctor</c> at a fixed time and checks that it shows no secrets.</summary>
internal static class DoctorRun
{
    /// <summary>A Friday, a second after the time of the sample.</summary>
    public static DateTimeOffset Now { get; } = new(2026, 11, 20, 9, 12, 41, TimeSpan.FromHours(9));

    public static Task<(int Code, Finding[] Findings, JsonElement Result)> RunDoctorAsync(Dictionary<string, string> variables) =>
        RunDoctorAsync(variables, Now);

    public static async Task<(int Code, Finding[] Findings, JsonElement Result)> RunDoctorAsync(
        Dictionary<string, string> variables, DateTimeOffset now, params string[] arguments)
    {
        var run = await RunAsync(variables, now, [.. arguments, "--format", "json"]);
        run.Error.ShouldBeEmpty();
        var findings = run.Objects[..^1].Select(o => new Finding(
            o.GetProperty("check").GetString()!,
            o.GetProperty("status").GetString()!,
            o.GetProperty("text").GetString()!,
            o.GetProperty("advice").GetString()));
        return (run.ExitCode, [.. findings], run.Objects[^1]);
    }

    public static Task<CommandRun> RunAsync(Dictionary<string, string> variables, DateTimeOffset now, params string[] arguments) =>
        RunAsync(variables, now, isTerminal: false, arguments);

    public static async Task<CommandRun> RunAsync(
        Dictionary<string, string> variables, DateTimeOffset now, bool isTerminal, params string[] arguments)
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
        var code = await CommandLine.RunAsync(["doctor", .. arguments], host, CancellationToken.None).WaitAsync(Patience.Limit);
        var run = new CommandRun(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
        foreach (var secret in (string[])[Service.AppKey, Service.AppKey[..6], Service.AppSecret, Service.HtsId])
            (run.Output + run.Error).ShouldNotContain(secret, Case.Sensitive);
        return run;
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    internal sealed record Finding(string Check, string Status, string Text, string? Advice);

    // The time of day stands still, but timers run.
    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
