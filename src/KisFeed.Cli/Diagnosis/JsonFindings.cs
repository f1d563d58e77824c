using System.Text.Json;
using KisFeed.Cli.Output;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Writes findings as JSON, an object a line; the last one is the result as a whole.</summary>
internal sealed class JsonFindings(Stream output) : IFindingOutput
{
    private readonly JsonLines _lines = new(output);

    public ValueTask WriteAsync(Finding finding, CancellationToken cancellationToken)
    {
        var json = _lines.Begin();
        json.WriteString("check"u8, finding.Check);
        json.WriteString("status"u8, JsonNamingPolicy.CamelCase.ConvertName(finding.Status.ToString()));
        json.WriteString("text"u8, finding.Text);
        json.WriteString("advice"u8, finding.Advice);
        _lines.End();
        return _lines.FlushAsync(cancellationToken);
    }

    public ValueTask EndAsync(IReadOnlyList<Finding> findings, int exitCode, CancellationToken cancellationToken)
    {
        var failed = findings.Count(f => f.Status == FindingStatus.Failed);
        var json = _lines.Begin();
        json.WriteString("result"u8, failed == 0 ? "ok"u8 : "failed"u8);
        json.WriteNumber("failed"u8, failed);
        json.WriteNumber("warnings"u8, findings.Count(f => f.Status == FindingStatus.Warning));
        json.WriteNumber("exitCode"u8, exitCode);
        _lines.End();
        return _lines.FlushAsync(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        return ValueTask.CompletedTask;
    }
}
