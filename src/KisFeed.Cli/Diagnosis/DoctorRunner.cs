using KisFeed.Cli.Hosting;

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
