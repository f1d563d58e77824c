using KisFeed.Capture;
using KisFeed.Capture.Inspection;

namespace KisFeed.Cli.Captures;

/// <summary>Writes the report of a capture for people, with bounded length. The JSON has everything.</summary>
internal sealed class InspectionText
{
    private const int MostFiles = 20;
    private const int MostFolders = 31;
    private const int MostKeys = 41;
    private const int FewKeys = 10;
    private const int MostGaps = 20;

    private readonly TextWriter _text;
    private readonly CaptureReport _report;
    private readonly string _folder;

    public InspectionText(CaptureReport report, TextWriter text)
    {
        _text = text;
        _report = report;
        _folder = report.Files.Count == 0
            ? ""
            : CommonFolder([.. report.Files.Select(file => Path.GetDirectoryName(file.File.Path) ?? "")]);
    }

    public void Write()
    {
        Files();
        Feeds();
        Gaps();
        Events();
        Problems();
        Heading(_report switch
        {
            { IsSound: true } when IsEmpty => "Nothing to inspect: no matching record.",
            { IsSound: true, GapCount: 0 } => "All is well.",
            { IsSound: true } => $"The capture is sound. Data is missing in {CountText.Of(_report.GapCount, "gap")}.",
            _ => $"Something is wrong: {CountText.Of(_report.ProblemCount, "flaw")} in the files, "
                + $"{CountText.Of(_report.Malformed, "unreadable frame or record", "unreadable frames or records")}.",
        });
    }

    private bool IsEmpty => _report.Feeds.Count == 0 || (_report.AbsentKeys.Count > 0 && _report.Feeds.All(feed => feed.Keys.Count == 0));

    private void Files()
    {
        var files = _report.Files;
        Line(files.Count == 0
            ? "No file matches."
            : $"{CountText.Of(files.Count, "file")}, {ByteSize.Text(files.Sum(file => file.File.Length))}, in {_folder}; "
                + "all times are receive times in Korea");
        if (files.Count == 0)
            return;
        var folders = files.GroupBy(file => Path.GetDirectoryName(file.File.Path), StringComparer.Ordinal).ToArray();
        if (files.Count <= MostFiles)
            Files(files);
        else if (folders.Length <= MostFolders)
            Folders(folders);
        else
            Line($"  {States(files)}");
        if (files.Count <= MostFiles)
            return;

        FileReport[] bad = [.. files.Where(IsBad)];
        if (bad.Length == 0)
            return;
        Heading("Files with flaws");
        Files(bad.Take(MostFiles));
        More(bad.Length, MostFiles, "--format json lists each");
    }

    private void Files(IEnumerable<FileReport> files)
    {
        var table = new TextTable("file", "first", "last", "-frames", "-size", "state");
        foreach (var file in files)
        {
            table.Add(
                PrintableText.Clean(Path.GetRelativePath(_folder, file.File.Path)), Moment(file.File.FirstAt),
                Until(file.File.FirstAt, file.LastAt), Number(file.Frames), ByteSize.Text(file.File.Length), State(file));
        }
        table.WriteTo(_text);
    }

    private void Folders(IEnumerable<IGrouping<string?, FileReport>> folders)
    {
        var table = new TextTable("folder", "-files", "first", "last", "-frames", "-size", "state");
        foreach (var folder in folders.OrderBy(folder => folder.Key, StringComparer.Ordinal))
        {
            var (first, last) = (folder.Min(file => file.File.FirstAt), folder.Max(file => file.LastAt));
            table.Add(
                PrintableText.Clean(Path.GetRelativePath(_folder, folder.Key!)), Number(folder.Count()), Moment(first), Until(first, last),
                Number(folder.Sum(file => file.Frames)), ByteSize.Text(folder.Sum(file => file.File.Length)), States(folder));
        }

        table.WriteTo(_text);
    }

    private void Feeds()
    {
        if (_report.Feeds.Count == 0)
            return;
        Heading("Feeds");
        var feeds = new TextTable(
            "feed", "first", "last", "-frames", "-records", "-keys", "-unreadable", "-frames/s", "busiest second", "");
        foreach (var feed in _report.Feeds)
        {
            var busiest = feed.BusiestFrames > 0 ? $"{Number(feed.BusiestFrames)} at {Moment(feed.BusiestAt, "yyyy-MM-dd HH:mm:ss")}" : "";
            var rate = feed.MeanRate > 0 ? feed.MeanRate.ToString("N1", CultureInfo.InvariantCulture) : "";
            var remark = feed.IsUnknown ? "unknown feed: records cannot be read"
                : feed.WiderThanKnown > 0 ? "has unknown columns: --layouts can name them"
                : "";
            feeds.Add(
                PrintableText.Clean(feed.TrId), Moment(feed.FirstAt), Until(feed.FirstAt, feed.LastAt), Number(feed.Frames),
                Number(feed.Records), Number(feed.Keys.Count), Number(feed.Malformed), rate, busiest, remark);
        }

        feeds.WriteTo(_text);
        if (_report.Feeds.Any(feed => feed.Keys.Count > 0))
            Keys(_report.Feeds.Sum(feed => feed.Keys.Count) > MostKeys ? FewKeys : MostKeys);
    }

    // If there are many, keys with gaps come first.
    private void Keys(int mostOfEach)
    {
        Heading("Keys");
        var keys = new TextTable("feed", "key", "first", "last", "-records", "-gaps", "-missed volume");
        foreach (var feed in _report.Feeds)
        {
            KeyReport[] all = mostOfEach < feed.Keys.Count ? [.. feed.Keys.OrderByDescending(key => key.Gaps)] : [.. feed.Keys];
            foreach (var key in all.Take(mostOfEach))
            {
                keys.Add(
                    PrintableText.Clean(feed.TrId), PrintableText.Clean(ReportKeyText.Of(feed.IsNotice, key.Key)), Moment(key.FirstAt),
                    Until(key.FirstAt, key.LastAt), Number(key.Records), Number(key.Gaps),
                    key.MissedVolume is { } missed ? Number(missed) : "");
            }
            if (all.Length > mostOfEach)
            {
                keys.Add(
                    PrintableText.Clean(feed.TrId), $"{Number(all.Length - mostOfEach)} more", "", "--format json",
                    Number(all.Skip(mostOfEach).Sum(key => key.Records)), Number(all.Skip(mostOfEach).Sum(key => key.Gaps)));
            }
        }

        keys.WriteTo(_text);
    }

    private void Gaps()
    {
        if (_report.GapCount == 0)
            return;
        Heading($"{CountText.Of(_report.GapCount, "gap")}");
        var notices = _report.Feeds.Where(feed => feed.IsNotice).Select(feed => feed.TrId).ToHashSet(StringComparer.Ordinal);
        var table = new TextTable("feed", "key", "from", "to", "-seconds", "reason", "-frames dropped", "-missed volume");
        foreach (var gap in _report.Gaps.Take(MostGaps))
        {
            table.Add(
                gap.TrId,
                PrintableText.Clean(ReportKeyText.Of(notices.Contains(gap.TrId), gap.Key)),
                Moment(gap.Gap.From, absent: "?"),
                gap.Gap.To is null ? "the end" : Until(gap.Gap.From, gap.Gap.To),
                gap.Duration is { } length ? length.TotalSeconds.ToString("N3", CultureInfo.InvariantCulture) : "",
                JsonName.Of(gap.Gap.Reason),
                gap.Gap.Frames is { } dropped ? Number(dropped) : "",
                gap.Gap.MissedVolume is { } volume ? Number(volume) : "");
        }

        table.WriteTo(_text);
        More(_report.GapCount, MostGaps, "'kisfeed export --gaps FILE' writes all of them");
    }

    private void Events()
    {
        if (_report.Events.Count > 0)
            Heading($"Events: {string.Join(", ", _report.Events.Select(e => $"{PrintableText.Clean(e.Key)} {Number(e.Value)}"))}");
    }

    private void Problems()
    {
        if (_report.ProblemCount == 0)
            return;
        Heading($"{CountText.Of(_report.ProblemCount, "flaw")}");
        foreach (var problem in _report.Problems.OrderBy(problem => problem.Kind == CaptureProblemKind.MalformedLine).Take(MostGaps))
            Line($"  {PrintableText.Clean(problem.Message)}");
        More(_report.ProblemCount, MostGaps, $"--format json lists up to {CaptureInspection.MaxListed:N0}");
    }

    private void More(long count, int shown, string where)
    {
        if (count > shown)
            Line($"  and {Number(count - shown)} more: {where}");
    }

    private void Heading(string line)
    {
        _text.WriteLine();
        Line(line);
    }

    private void Line(string line) => _text.WriteLine(line);

    private static bool IsBad(FileReport file) =>
        file.Integrity is FileIntegrity.TornTail or FileIntegrity.Changed or FileIntegrity.Damaged;

    private static string States(IEnumerable<FileReport> files) =>
        string.Join(
            ", ",
            files.GroupBy(State, StringComparer.Ordinal).OrderByDescending(state => state.Count())
                .ThenBy(state => state.Key, StringComparer.Ordinal).Select(state => $"{Number(state.Count())} {state.Key}"));

    private static string State(FileReport file)
    {
        var words = file.Integrity switch
        {
            FileIntegrity.Verified => "verified",
            FileIntegrity.Sound => "blocks sound",
            FileIntegrity.Unchecked => "no checksums",
            FileIntegrity.TornTail => "TORN at its end",
            FileIntegrity.Changed => "CHANGED",
            _ => "DAMAGED",
        };
        return file.File.IsClosed ? words : $"{words}, {(file.IsBeingWritten ? "being written" : "not closed")}";
    }

    private static string CommonFolder(IReadOnlyList<string> folders)
    {
        var common = folders[0];
        while (Path.GetDirectoryName(common) is { } parent
            && !folders.All(folder => folder == common
                || folder.StartsWith(Path.Join(common, Path.DirectorySeparatorChar.ToString()), StringComparison.Ordinal)))
        {
            common = parent;
        }
        return common;
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    // On the same day, only the time is shown.
    private static string Until(DateTimeOffset? from, DateTimeOffset? to) =>
        from is { } first && to is { } last && KoreaTime.From(first).Date == KoreaTime.From(last).Date
            ? Moment(to, "HH:mm:ss.fff")
            : Moment(to);

    private static string Moment(DateTimeOffset? at, string format = "yyyy-MM-dd HH:mm:ss.fff", string absent = "") =>
        at is { } moment ? KoreaTime.From(moment).ToString(format, CultureInfo.InvariantCulture) : absent;
}
