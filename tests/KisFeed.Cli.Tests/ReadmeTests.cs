using System.Buffers;
using System.Text.RegularExpressions;
using KisFeed.Cli.Tests.Documents;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Cli.Tests;

/// <summary>
/// Checks the documents: their code is part of the samples, their examples give the printed output, their links have targets.
/// </summary>
public sealed partial class ReadmeTests
{
    private static readonly string s_root = RepositoryRoot.Path;

    public static TheoryData<string> Readmes => ["README.md", "README.ko.md"];

    public static TheoryData<string> Documents =>
        [.. Directory.GetFiles(s_root, "*.md").Concat(Directory.GetFiles(Path.Combine(s_root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(s_root, f))];

    [Theory]
    [MemberData(nameof(Readmes))]
    public void The_first_program_is_a_sample_that_builds(string readme) =>
        Blocks(MarkdownPage.Read(readme), "csharp")[0].ShouldBe(Read("samples/Kospi/Program.cs"));

    [Theory]
    [MemberData(nameof(Readmes))]
    public void Every_snippet_is_part_of_a_sample_that_builds(string readme)
    {
        var samples = Directory.GetFiles(Path.Combine(s_root, "samples"), "Program.cs", SearchOption.AllDirectories)
            .Select(f => WithoutIndents(File.ReadAllText(f)))
            .ToArray();
        samples.ShouldNotBeEmpty();
        foreach (var snippet in Blocks(MarkdownPage.Read(readme), "csharp"))
            samples.ShouldContain(s => s.Contains(WithoutIndents(snippet), StringComparison.Ordinal), snippet);
    }

    [Fact]
    public void Both_languages_have_the_same_sections_code_and_commands()
    {
        var (english, korean) = (MarkdownPage.Read("README.md"), MarkdownPage.Read("README.ko.md"));
        foreach (var language in (string[])["csharp", "json", ""])
            Blocks(korean, language).ShouldBe(Blocks(english, language));
        Commands(korean).ShouldBe(Commands(english));
        StructureOf(korean).ShouldBe(StructureOf(english));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_has_a_target(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(s_root, document))!;
        foreach (Match link in Links().Matches(MarkdownPage.Read(document).Prose))
        {
            var target = link.Groups["target"].Value;
            if (target.Contains("://", StringComparison.Ordinal))
                continue;
            var parts = target.Split('#');
            var path = parts[0].Length == 0 ? Path.Combine(s_root, document) : Path.Combine(folder, parts[0]);
            (File.Exists(path) || Directory.Exists(path)).ShouldBeTrue($"{document} links to {target}");
            if (parts.Length > 1)
            {
                Anchors(MarkdownPage.Read(Path.GetRelativePath(s_root, path)))
                    .ShouldContain(parts[1], StringComparer.Ordinal, $"{document} links to {target}");
            }
        }
    }

    [Fact]
    public void The_example_of_a_layout_file_gives_the_printed_output()
    {
        var document = MarkdownPage.Read("docs/layouts.md");
        var frame = Blocks(document, "")[0].TrimEnd('\n');
        var json = Blocks(document, "json");
        var named = KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(Encoding.UTF8.GetBytes(json[1])));

        Decode(KisFeeds.Catalog, frame).ShouldBe(json[0]);
        Decode(named, frame).ShouldBe(json[2]);
    }

    private static string Decode(FeedCatalog catalog, string text)
    {
        DataFrame.TryParse(Encoding.UTF8.GetBytes(text), out var frame, out _).ShouldBeTrue();
        catalog.TryGet(frame.TrId, out var feed).ShouldBeTrue();
        feed!.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        var output = new StringBuilder();
        var reader = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
        while (reader.MoveNext())
        {
            var line = new ArrayBufferWriter<byte>();
            using var json = new Utf8JsonWriter(line, RecordJson.WriterOptions);
            json.WriteStartObject();
            json.WriteString("tr_id"u8, feed.TrId);
            RecordJson.TryCheck(feed, reader.Current, out _).ShouldBeTrue();
            RecordJson.WriteMembers(json, feed, reader.Current, NameStyle.Kis);
            json.WriteEndObject();
            json.Flush();
            output.Append(Encoding.UTF8.GetString(line.WrittenSpan)).Append('\n');
        }

        return output.ToString();
    }

    private static List<string> Blocks(MarkdownPage page, string language) =>
        [.. page.Blocks.Where(block => block.Language == language).Select(block => block.Text)];

    private static List<string> Commands(MarkdownPage page) =>
        [.. Blocks(page, "console").SelectMany(b => b.Split('\n')).Where(l => l.StartsWith('$')).Select(l => l.Split(" #")[0].TrimEnd())];

    // The parts that do not depend on the language: levels of headings, code in the first column of tables, bullets of lists.
    private static List<string> StructureOf(MarkdownPage page) =>
        [.. page.Prose.Split('\n').Where(l => l.StartsWith('#') || l.StartsWith('|') || l.StartsWith("- ", StringComparison.Ordinal))
            .Select(l => l.StartsWith('#') ? l.Split(' ')[0] : l[..1])];

    private static IEnumerable<string> Anchors(MarkdownPage page) =>
        page.Prose.Split('\n').Where(l => l.StartsWith('#'))
            .Select(l => NotInAnchors().Replace(l.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    private static string WithoutIndents(string code) => string.Join('\n', code.Split('\n').Select(l => l.Trim()));

    private static string Read(string path) => File.ReadAllText(Path.Combine(s_root, path)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Links();

    [GeneratedRegex(@"[^\p{L}\p{N}\- _]", RegexOptions.None, 5000)]
    private static partial Regex NotInAnchors();
}
