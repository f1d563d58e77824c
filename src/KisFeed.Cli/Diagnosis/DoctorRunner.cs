using System.Text.Json.Serialization;

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
                ? [new Finding(check.Name, FindingStatus.Skipped, UiText.Of(
                    "skipped because an earlier check failed",
                    "앞의 확인에서 실패하여 생략"))]
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
        await host.Error.WriteAsync(TransientLine.Of($"{check.Name} …"));
        try
        {
            return await check.RunAsync(context, cancellationToken);
        }
        finally
        {
            await host.Error.WriteAsync(TransientLine.Clear);
        }
    }
}

/// <summary>A result of a check. Contains no secrets.</summary>
internal sealed record Finding(string Check, FindingStatus Status, string Text) : DoctorReport
{
    /// <summary>What to do about it; <see langword="null"/> for nothing.</summary>
    public string? Advice { get; init; }

    /// <summary>The exit code of the command if this has failed.</summary>
    [JsonIgnore]
    public int ExitCode { get; init; }

    public override string ToJson() => Json.Line(this, DoctorJson.Default.Finding);
}

/// <summary>The overall result: the last report.</summary>
internal sealed record DoctorResult(
    [property: JsonIgnore] IReadOnlyList<Finding> Findings, [property: JsonPropertyOrder(1)] int ExitCode) : DoctorReport
{
    public string Result => Failed == 0 ? "ok" : "failed";

    public int Failed => Of(FindingStatus.Failed).Count();

    public int Warnings => Of(FindingStatus.Warning).Count();

    public override string ToJson() => Json.Line(this, DoctorJson.Default.DoctorResult);

    public IEnumerable<Finding> Of(FindingStatus status) => Findings.Where(finding => finding.Status == status);
}

internal abstract record DoctorReport
{
    public abstract string ToJson();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(CamelCaseConverter<FindingStatus>)])]
[JsonSerializable(typeof(Finding))]
[JsonSerializable(typeof(DoctorResult))]
internal sealed partial class DoctorJson : JsonSerializerContext;

internal enum FindingStatus
{
    Ok,
    Note,
    Warning,
    Failed,
    Skipped,
}
