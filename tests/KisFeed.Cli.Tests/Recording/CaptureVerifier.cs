using System.Security.Cryptography;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>
/// Compares a capture with its previous state: complete members are never changed or removed, and manifests match the files.
/// </summary>
internal sealed class CaptureVerifier(string folder)
{
    private readonly Dictionary<string, FileSnapshot> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<(string Path, long Bytes, string Sha256)> _verified = [];

    /// <summary>Files that were not closed, and the number of incomplete bytes at their ends.</summary>
    public IReadOnlyList<(string Path, int Torn)> Open =>
        [.. _seen.Where(seen => !GzipMembers.IsClosed(seen.Value.Content))
            .Select(seen => (seen.Key, seen.Value.Content.Length - seen.Value.End))
            .OrderBy(open => open.Key, StringComparer.Ordinal)];

    /// <summary>Compares all files with their previous state. No recorder may be running.</summary>
    /// <returns>The lines added since the last call, by feed and in order of time.</returns>
    public Dictionary<string, List<string>> Compare()
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
            var lines = Compare(path);
            var feed = Path.GetFileName(path).Split('-')[0];
            if (!added.TryAdd(feed, lines))
                added[feed].AddRange(lines);
        }

        VerifyManifests();

        // Events may have the time of the following frame, so a stable order is required.
        return added.ToDictionary(
            feed => feed.Key, feed => feed.Value.OrderBy(TimeOf, StringComparer.Ordinal).ToList(), StringComparer.Ordinal);
    }

    /// <summary>Appends a part of a block to an open file, like an interrupted write.</summary>
    public void AppendPartialBlock(Random random)
    {
        if (Open is not [.., var (path, _)] || _seen[path] is not { End: > 0 } sight)
            return;
        var block = sight.Content.AsSpan(sight.Last, sight.End - sight.Last);
        byte[] torn = [.. sight.Content.AsSpan(0, sight.End), .. block[..random.Next(1, block.Length)]];
        File.WriteAllBytes(path, torn);
        _seen[path] = sight with { Content = torn };
    }

    /// <summary>
    /// Checks after a proper end of all recorders that every file is complete, closed and correctly listed in its manifest.
    /// </summary>
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

    private static string TimeOf(string line) =>
        line.StartsWith('#') ? line.Split('"', 5)[3] : line[..line.IndexOf(' ', StringComparison.Ordinal)];

    private static JsonElement[] Entries(string path)
    {
        var manifest = Path.Combine(Path.GetDirectoryName(path)!, "manifest.json");
        return File.Exists(manifest)
            ? [.. JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(manifest)).GetProperty("files").EnumerateArray()]
            : [];
    }

    private List<string> Compare(string path)
    {
        var content = File.ReadAllBytes(path);
        var before = _seen.GetValueOrDefault(path) ?? new FileSnapshot([], 0, 0);
        content.AsSpan().StartsWith(before.Content.AsSpan(0, before.End)).ShouldBeTrue($"what was in {path} has been changed");
        var members = GzipMembers.Read(content, before.End);
        _seen[path] = new FileSnapshot(content, members.Text.Length > 0 ? members.Last : before.Last, members.End);
        if (members.Text.Length == 0)
            return [];
        members.Text.ShouldEndWith("\n", Case.Sensitive, path);
        return [.. members.Text[..^1].Split('\n')];
    }

    // Files are only appended to, so a manifest entry stays valid for that part of the file.
    private void VerifyManifests()
    {
        foreach (var day in Directory.GetDirectories(folder))
        {
            foreach (var entry in Entries(Path.Combine(day, "any"))
                .Where(e => e.TryGetProperty("sha256", out var sum) && sum.ValueKind == JsonValueKind.String))
            {
                var path = Path.Combine(day, entry.GetProperty("file").GetString()!);
                var (bytes, sha256) = (entry.GetProperty("bytes").GetInt64(), entry.GetProperty("sha256").GetString()!);
                if (_verified.Add((path, bytes, sha256)))
                {
                    Convert.ToHexStringLower(SHA256.HashData(_seen[path].Content.AsSpan(0, (int)bytes)))
                        .ShouldBe(sha256, $"{path}, first {bytes} bytes");
                }
            }
        }
    }

    private sealed record FileSnapshot(byte[] Content, int Last, int End);
}
