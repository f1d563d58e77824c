using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using KisFeed.TestSupport;

namespace KisFeed.Architecture.Tests;

/// <summary>docs/glossary.md is short, has each term once, and names types and members that exist.</summary>
public sealed partial class GlossaryTests
{
    private const int MaxTerms = 60;

    private static readonly string[][] s_rows =
    [
        .. File.ReadLines(Path.Combine(RepositoryRoot.Path, "docs", "glossary.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| term |", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split(" | ")),
    ];

    [Fact]
    public void Each_term_has_one_row()
    {
        var terms = s_rows.SelectMany(row => row[0].Split(", ")).ToList();

        terms.ShouldBeUnique(StringComparer.Ordinal);
        s_rows.Length.ShouldBeInRange(1, MaxTerms);
    }

    [Fact]
    public void Each_name_exists()
    {
        var names = Directory.EnumerateFiles(AppContext.BaseDirectory, "KisFeed*.dll").SelectMany(NamesIn)
            .ToHashSet(StringComparer.Ordinal);
        var cited = s_rows.SelectMany(row => Names().Matches(row[2])).SelectMany(match => match.Groups["name"].Captures)
            .Select(capture => capture.Value).ToList();

        cited.ShouldNotBeEmpty();
        cited.Where(name => !names.Contains(name)).ShouldBeEmpty();
    }

    private static List<string> NamesIn(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return
        [
            .. metadata.TypeDefinitions.Select(type => metadata.GetString(metadata.GetTypeDefinition(type).Name).Split('`')[0]),
            .. metadata.PropertyDefinitions.Select(property => metadata.GetString(metadata.GetPropertyDefinition(property).Name)),
        ];
    }

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z]+)(<[A-Za-z]+>)?(\\.(?<name>[A-Z][A-Za-z]+))?`", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Names();
}
