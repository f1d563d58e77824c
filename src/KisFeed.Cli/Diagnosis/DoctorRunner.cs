using System.Text.Json;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Runs checks in order and writes their findings as they come.</summary>
internal sealed class DoctorRunner(CommandHost host, IReadOnlyList<Check> checks, Output<DoctorReport> output)
{
    /// <summary>Runs all checks; after a failure of a required check, the others are skipped.</summary>
    /// <returns>The exit code of the first failure, or 0.</returns>
    public async Task<int> RunAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var isOver = false;
        foreach (var check in checks)
        {
            IReadOnlyList<Finding> found = isOver
                ? [new Finding(check.Name, FindingStatus.Skipped, "skipped because an earlier check failed")]
                : await RunAsync(check, context, cancellationToken);
            isOver |= check.IsRequired && found.Any(f => f.Status == FindingStatus.Failed);
            findings.AddRange(found);
            foreach (var finding in found)
                output.Write(finding);
            await output.FlushAsync(cancellationToken);
        }

        var code = findings.Find(f => f.Status == FindingStatus.Failed)?.ExitCode ?? ExitCode.Success;
        output.Write(new DoctorResult(findings, code));
        await output.FlushAsync(cancellationToken);
        return code;
    }

    // A terminal shows the running check, because some take seconds.
    private async Task<IReadOnlyList<Finding>> RunAsync(Check check, DoctorContext context, CancellationToken cancellationToken)
    {
        if (!host.ErrorIsTerminal)
            return await check.RunAsync(context, cancellationToken);
        await host.Error.WriteAsync($"{check.Name} …");
        try
        {
            return await check.RunAsync(context, cancellationToken);
        }
        finally
        {
            await host.Error.WriteAsync("\r\e[K");
        }
    }
}

/// <summary>The state that checks share: each check uses the results of earlier ones.</summary>
internal sealed class DoctorContext(CommandHost host) : IAsyncDisposable
{
    public CommandHost Host => host;

    /// <summary>The timeout of the first frame.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary>The options, with one app key and no reconnect.</summary>
    public KisFeedOptions Options { get; set; } = new();

    /// <summary>The target to subscribe to; <see langword="null"/> if there is none.</summary>
    public WatchTarget? Target { get; set; }

    /// <summary>The client, once it is connected.</summary>
    public KisFeedClient? Client { get; set; }

    /// <summary>The subscription, once it is acknowledged.</summary>
    public FrameSubscription? Subscription { get; set; }

    /// <summary>The heartbeats of the connection.</summary>
    public HeartbeatCounter Heartbeats { get; } = new();

    /// <summary>The first frame received, readable or not.</summary>
    public FrameItem? First { get; set; }

    /// <summary>The content of the first frame.</summary>
    public FrameReading? Reading { get; set; }

    /// <summary>Closes the connection, if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
            await Client.DisposeAsync();
        Heartbeats.Dispose();
    }
}

/// <summary>A check of the doctor.</summary>
/// <param name="name">The name: a word or two.</param>
/// <param name="isRequired">Whether later checks are skipped if this one fails.</param>
internal abstract class Check(string name, bool isRequired)
{
    public string Name => name;

    public bool IsRequired => isRequired;

    /// <summary>Runs the check and stores in the context what later checks need.</summary>
    public abstract Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken);

    protected Finding Ok(string text) => new(name, FindingStatus.Ok, text);

    protected Finding Note(string text, string? advice = null) => new(name, FindingStatus.Note, text) { Advice = advice };

    protected Finding Warning(string text, string? advice = null) => new(name, FindingStatus.Warning, text) { Advice = advice };

    protected Finding Skipped(string text) => new(name, FindingStatus.Skipped, text);

    protected Finding Failed(string text, string? advice, int exitCode) => new(name, FindingStatus.Failed, text) { Advice = advice, ExitCode = exitCode };

    protected Finding Failed(KisFeedException failure, string advice) => Failed(FailureText.Of(failure), advice, Hosting.ExitCode.Of(failure));
}

/// <summary>A result of a check. Contains no secrets.</summary>
internal sealed record Finding(string Check, FindingStatus Status, string Text) : DoctorReport
{
    /// <summary>What to do about it; <see langword="null"/> for nothing.</summary>
    public string? Advice { get; init; }

    /// <summary>The exit code of the command if this has failed.</summary>
    public int ExitCode { get; init; }

    public override void WriteMembers(Utf8JsonWriter json)
    {
        json.WriteString("check"u8, Check);
        json.WriteString("status"u8, JsonName.Of(Status));
        json.WriteString("text"u8, Text);
        json.WriteString("advice"u8, Advice);
    }
}

/// <summary>The overall result: the last report.</summary>
internal sealed record DoctorResult(IReadOnlyList<Finding> Findings, int ExitCode) : DoctorReport
{
    public override void WriteMembers(Utf8JsonWriter json)
    {
        var failed = Of(FindingStatus.Failed).Count();
        json.WriteString("result"u8, failed == 0 ? "ok"u8 : "failed"u8);
        json.WriteNumber("failed"u8, failed);
        json.WriteNumber("warnings"u8, Of(FindingStatus.Warning).Count());
        json.WriteNumber("exitCode"u8, ExitCode);
    }

    /// <summary>Returns the findings with a status.</summary>
    public IEnumerable<Finding> Of(FindingStatus status) => Findings.Where(finding => finding.Status == status);
}

/// <summary>What the doctor writes.</summary>
internal abstract record DoctorReport
{
    /// <summary>Writes the members of the JSON object.</summary>
    public abstract void WriteMembers(Utf8JsonWriter json);
}

/// <summary>The status of a finding.</summary>
internal enum FindingStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Not a problem, but worth knowing.</summary>
    Note,

    /// <summary>It works, but should be fixed.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>Not checked, because an earlier check failed.</summary>
    Skipped,
}
