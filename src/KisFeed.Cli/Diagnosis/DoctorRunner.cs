using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Runs checks in their order and says what they find as they find it.</summary>
internal sealed class DoctorRunner(CommandHost host, IReadOnlyList<ICheck> checks, IFindingOutput output)
{
    /// <summary>Runs them all, or up to the first without which the others have no point.</summary>
    /// <returns>The exit code: that of the first failure.</returns>
    public async Task<int> RunAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var isOver = false;
        foreach (var check in checks)
        {
            IReadOnlyList<Finding> found = isOver
                ? [new Finding(check.Name, FindingStatus.Skipped, "not checked, because of what failed before")]
                : await RunAsync(check, context, cancellationToken);
            isOver |= check.IsNeeded && found.Any(f => f.Status == FindingStatus.Failed);
            findings.AddRange(found);
            foreach (var finding in found)
                await output.WriteAsync(finding, cancellationToken);
        }

        var code = findings.Find(f => f.Status == FindingStatus.Failed)?.ExitCode ?? ExitCode.Success;
        await output.EndAsync(findings, code, cancellationToken);
        return code;
    }

    // Some take their time; on a terminal it shows which.
    private async Task<IReadOnlyList<Finding>> RunAsync(ICheck check, DoctorContext context, CancellationToken cancellationToken)
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

/// <summary>What is known so far: each check finds in it what those before it have left.</summary>
/// <param name="host">Where it runs.</param>
internal sealed class DoctorContext(CommandHost host) : IAsyncDisposable
{
    public CommandHost Host => host;

    /// <summary>How long the first frame is waited for.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary>The options, with one app key and no second attempt.</summary>
    public KisFeedOptions Options { get; set; } = new();

    /// <summary>What is subscribed to; <see langword="null"/> where there is nothing to.</summary>
    public WatchTarget? Target { get; set; }

    /// <summary>The connection, once it stands.</summary>
    public KisFeedClient? Client { get; set; }

    /// <summary>The subscription, once it is acknowledged.</summary>
    public FrameSubscription? Subscription { get; set; }

    /// <summary>The heartbeats of the connection.</summary>
    public HeartbeatCounter Heartbeats { get; } = new();

    /// <summary>The first thing that came: a frame, or one that cannot be read.</summary>
    public FrameItem? First { get; set; }

    /// <summary>What is in the first frame.</summary>
    public FrameReading? Reading { get; set; }

    /// <summary>Says goodbye, if there is anybody to.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
            await Client.DisposeAsync();
        Heartbeats.Dispose();
    }
}

/// <summary>Looks at one thing, with what the checks before it have found out.</summary>
internal interface ICheck
{
    /// <summary>What it looks at, in a word or two.</summary>
    string Name { get; }

    /// <summary>Whether there is no point in going on where it fails.</summary>
    bool IsNeeded { get; }

    /// <summary>Looks, and leaves in the examination what later checks need.</summary>
    Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken);
}

/// <summary>One thing that was found. Holds no secret.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Status">How it is.</param>
/// <param name="Text">What is so, or what is wrong, in words.</param>
internal sealed record Finding(string Check, FindingStatus Status, string Text)
{
    /// <summary>What to do about it; <see langword="null"/> where there is nothing to do.</summary>
    public string? Advice { get; init; }

    /// <summary>What the command returns where this has failed.</summary>
    public int ExitCode { get; init; }
}

/// <summary>How something was found to be.</summary>
internal enum FindingStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Nothing is wrong, but it is good to know.</summary>
    Note,

    /// <summary>It works, but should be mended.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>It was not looked at, because something before it failed.</summary>
    Skipped,
}
