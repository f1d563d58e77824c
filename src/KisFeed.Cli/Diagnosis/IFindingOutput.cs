namespace KisFeed.Cli.Diagnosis;

/// <summary>Receives findings as they are made.</summary>
internal interface IFindingOutput : IAsyncDisposable
{
    /// <summary>Writes a finding.</summary>
    ValueTask WriteAsync(Finding finding, CancellationToken cancellationToken);

    /// <summary>Writes the overall result.</summary>
    ValueTask EndAsync(IReadOnlyList<Finding> findings, int exitCode, CancellationToken cancellationToken);
}

/// <summary>Writes findings for people, one line each, followed by the advice; skipped checks are listed together at the end.</summary>
internal sealed class TextFindings(CommandHost host) : IFindingOutput
{
    private const int StatusWidth = 9;
    private const int CheckWidth = 15;

    private readonly TextLines _output = new(host);
    private readonly List<string> _skipped = [];

    public ValueTask WriteAsync(Finding finding, CancellationToken cancellationToken)
    {
        if (finding.Status == FindingStatus.Skipped)
        {
            _skipped.Add(finding.Check);
            return ValueTask.CompletedTask;
        }

        AppendStatus(finding.Status).Append(finding.Check.PadRight(CheckWidth)).Append(finding.Text).Append('\n');
        if (finding.Advice is { } advice)
            _output.Text.Append(' ', StatusWidth + CheckWidth).Append("→ ").Append(advice).Append('\n');
        return _output.FlushAsync();
    }

    public ValueTask EndAsync(IReadOnlyList<Finding> findings, int exitCode, CancellationToken cancellationToken)
    {
        var warnings = findings.Count(f => f.Status == FindingStatus.Warning);
        var failed = findings.Where(f => f.Status == FindingStatus.Failed).Select(f => f.Check).Distinct(StringComparer.Ordinal).ToArray();
        if (_skipped.Count > 0)
            AppendStatus(FindingStatus.Skipped).AppendJoin(", ", _skipped).Append('\n');
        _output.Text.Append('\n').Append((failed.Length, warnings) switch
        {
            (0, 0) => "All is well.",
            (0, 1) => "It works; see the warning above.",
            (0, _) => $"It works; see the {warnings} warnings above.",
            _ => $"It does not work: {string.Join(", ", failed)}. See above what to do.",
        }).Append('\n');
        return _output.FlushAsync();
    }

    public ValueTask DisposeAsync() => _output.DisposeAsync();

    private StringBuilder AppendStatus(FindingStatus status)
    {
        var text = status.ToString().ToLowerInvariant().PadRight(StatusWidth);
        return _output.Text.Append(host.UsesColor ? Paint(text, status) : text);
    }

    private static string Paint(string text, FindingStatus status) => status switch
    {
        FindingStatus.Ok => $"\e[32m{text}\e[0m",
        FindingStatus.Warning => $"\e[33m{text}\e[0m",
        FindingStatus.Failed => $"\e[91m{text}\e[0m",
        _ => $"\e[2m{text}\e[0m",
    };
}

/// <summary>Writes findings as JSON, one object per line; the last one is the overall result.</summary>
internal sealed class JsonFindings(Stream output) : IFindingOutput
{
    private readonly JsonLines _lines = new(output);

    public ValueTask WriteAsync(Finding finding, CancellationToken cancellationToken)
    {
        var json = _lines.Begin();
        json.WriteString("check"u8, finding.Check);
        json.WriteString("status"u8, JsonName.Of(finding.Status));
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
