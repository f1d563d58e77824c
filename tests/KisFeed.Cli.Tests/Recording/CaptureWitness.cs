using System.Security.Cryptography;
using System.Text.Json;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>
/// Remembers every byte of a capture from one look to the next, and sees to it that nothing whole is ever changed or taken away, and that manifests say what is so.
/// </summary>
internal sealed class CaptureWitness(string folder)
{
    private readonly Dictionary<string, Sight> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<(string Path, long Bytes, string Sha256)> _verified = [];

    /// <summary>Files whose recorder has not closed them, with how many bytes at their end are not whole.</summary>
    public IReadOnlyList<(string Path, int Torn)> Open =>
        [.. _seen.Where(seen => !GzipMembers.IsClosed(seen.Value.Content)).Select(seen => (seen.Key, seen.Value.Content.Length - seen.Value.End)).OrderBy(open => open.Key, StringComparer.Ordinal)];

    /// <summary>Looks at all files, while nobody writes to them.</summary>
    /// <returns>The lines that have been added since the last look, in the order of their times, for each feed.</returns>
    public Dictionary<string, List<string>> Look()
    {
        var added = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var paths = Directory.GetFiles(folder, "*.log.gz", SearchOption.AllDirectories);
        foreach (var (gone, _) in _seen.Where(seen => !paths.Contains(seen.Key, StringComparer.Ordinal)).ToList())
        {
            _seen[gone].End.ShouldBe(0, $"{gone} is gone with what was in it");
            _seen.Remove(gone);
        }

        foreach (var path in paths)
        {
            var lines = Look(path);
            var feed = Path.GetFileName(path).Split('-')[0];
            if (!added.TryAdd(feed, lines))
                added[feed].AddRange(lines);
        }

        VerifyManifests();

        // Events may have the time of the frame behind them: those stay as they stand.
        return added.ToDictionary(feed => feed.Key, feed => feed.Value.OrderBy(TimeOf, StringComparer.Ordinal).ToList(), StringComparer.Ordinal);
    }

    /// <summary>Puts a part of a block behind a file that is open, as a write does of which only a part reaches the disk.</summary>
    public void Tear(Random random)
    {
        if (Open is not [.., var (path, _)] || _seen[path] is not { End: > 0 } sight)
            return;
        var block = sight.Content.AsSpan(sight.Last, sight.End - sight.Last);
        byte[] torn = [.. sight.Content.AsSpan(0, sight.End), .. block[..random.Next(1, block.Length)]];
        File.WriteAllBytes(path, torn);
        _seen[path] = sight with { Content = torn };
    }

    /// <summary>All recorders have ended in order: every file is whole and closed, and stands in its manifest just as it is.</summary>
    public void ShouldBeInOrder()
    {
        Open.ShouldBeEmpty();
        foreach (var (path, sight) in _seen)
        {
            sight.End.ShouldBe(sight.Content.Length, $"{path} is not whole");
            var entry = Entries(path).Single(e => e.GetProperty("file").GetString() == Path.GetFileName(path));
            var lines = GzipMembers.Read(sight.Content, 0).Text.TrimEnd('\n').Split('\n');
            entry.GetProperty("bytes").GetInt64().ShouldBe(sight.Content.Length, path);
            entry.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(sight.Content)), path);
            entry.GetProperty("frames").GetInt64().ShouldBe(lines.Count(line => line[0] != '#'), path);
            entry.GetProperty("first").GetDateTimeOffset().ShouldBe(DateTimeOffset.Parse(TimeOf(lines[0]), null), path);
            entry.GetProperty("last").GetDateTimeOffset().ShouldBe(DateTimeOffset.Parse(TimeOf(lines[^1]), null), path);
        }
    }

    private static string TimeOf(string line) => line.StartsWith('#') ? line.Split('"', 5)[3] : line[..line.IndexOf(' ', StringComparison.Ordinal)];

    private static JsonElement[] Entries(string path)
    {
        var manifest = Path.Combine(Path.GetDirectoryName(path)!, "manifest.json");
        return File.Exists(manifest) ? [.. JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(manifest)).GetProperty("files").EnumerateArray()] : [];
    }

    private List<string> Look(string path)
    {
        var content = File.ReadAllBytes(path);
        var before = _seen.GetValueOrDefault(path) ?? new Sight([], 0, 0);
        content.AsSpan().StartsWith(before.Content.AsSpan(0, before.End)).ShouldBeTrue($"what was in {path} has been changed");
        var members = GzipMembers.Read(content, before.End);
        _seen[path] = new Sight(content, members.Text.Length > 0 ? members.Last : before.Last, members.End);
        if (members.Text.Length == 0)
            return [];
        members.Text.ShouldEndWith("\n", Case.Sensitive, path);
        return [.. members.Text[..^1].Split('\n')];
    }

    // What a manifest says of a file that was closed holds for that part of it for ever, since files are only added to.
    private void VerifyManifests()
    {
        foreach (var day in Directory.GetDirectories(folder))
        {
            foreach (var entry in Entries(Path.Combine(day, "any")).Where(e => e.TryGetProperty("sha256", out var sum) && sum.ValueKind == JsonValueKind.String))
            {
                var path = Path.Combine(day, entry.GetProperty("file").GetString()!);
                var (bytes, sha256) = (entry.GetProperty("bytes").GetInt64(), entry.GetProperty("sha256").GetString()!);
                if (_verified.Add((path, bytes, sha256)))
                    Convert.ToHexStringLower(SHA256.HashData(_seen[path].Content.AsSpan(0, (int)bytes))).ShouldBe(sha256, $"{path}, first {bytes} bytes");
            }
        }
    }

    private sealed record Sight(byte[] Content, int Last, int End);
}
