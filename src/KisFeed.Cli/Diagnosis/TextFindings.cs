using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Writes findings for people, one line each, followed by the advice; skipped checks are listed together at the end.</summary>
internal sealed class TextFindings(CommandHost host) : LineOutput<DoctorReport>(host.Output)
{
    private const int StatusWidth = 9;
    private const int CheckWidth = 15;

    private readonly List<string> _skipped = [];

    public override void Write(DoctorReport item)
    {
        if (item is DoctorResult result)
            WriteResult(result);
        else
            WriteFinding((Finding)item);
    }

    private void WriteFinding(Finding finding)
    {
        if (finding.Status == FindingStatus.Skipped)
        {
            _skipped.Add(finding.Check);
            return;
        }

        Lines.Append($"{TextOf(finding.Status)}{CellWidth.PadRight(finding.Check, CheckWidth)}{finding.Text}\n");
        if (finding.Advice is { } advice)
            Lines.Append($"{"",StatusWidth + CheckWidth}→ {advice}\n");
    }

    private void WriteResult(DoctorResult result)
    {
        if (_skipped.Count > 0)
            Lines.Append($"{TextOf(FindingStatus.Skipped)}{string.Join(", ", _skipped)}\n");
        var failed = result.Of(FindingStatus.Failed).Select(f => f.Check).Distinct(StringComparer.Ordinal).ToArray();
        Lines.Append("\n").Append((failed.Length, result.Of(FindingStatus.Warning).Count()) switch
        {
            (0, 0) => UiText.Of("All is well.", "모두 정상입니다."),
            (0, 1) => UiText.Of("It works; see the warning above.", "동작합니다. 위의 경고를 보세요."),
            (0, var warnings) => UiText.Of($"It works; see the {warnings} warnings above.", $"동작합니다. 위의 경고 {warnings}개를 보세요."),
            _ => UiText.Of(
                $"It does not work: {string.Join(", ", failed)}. See above what to do.",
                $"동작하지 않습니다: {string.Join(", ", failed)}. 할 일은 위에 있습니다."),
        }).Append("\n");
    }

    private string TextOf(FindingStatus status)
    {
        var text = status.ToString().ToLowerInvariant().PadRight(StatusWidth);
        return host.UsesColor ? Paint(text, status) : text;
    }

    private static string Paint(string text, FindingStatus status) => status switch
    {
        FindingStatus.Ok => $"\e[32m{text}\e[0m",
        FindingStatus.Warning => $"\e[33m{text}\e[0m",
        FindingStatus.Failed => $"\e[91m{text}\e[0m",
        _ => $"\e[2m{text}\e[0m",
    };
}
