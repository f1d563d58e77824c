using KisFeed.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KisFeed.Architecture.Tests;

/// <summary>Files are short and named after their first type.</summary>
public sealed class FileTests
{
    private const int MaxLines = 800;

    public static TheoryData<string> Folders => new("src/KisFeed", "src/KisFeed.Generator", "src/KisFeed.Hosting", "src/KisFeed.Server", "src/KisFeed.Capture", "src/KisFeed.PostgreSql", "src/KisFeed.RabbitMq", "src/KisFeed.Coordination", "src/KisFeed.Simulator", "src/KisFeed.Gateway", "src/KisFeed.Cli");

    [Theory]
    [MemberData(nameof(Folders))]
    public void EveryFile_StartsWithTheTypeItIsNamedAfter(string folder)
    {
        var files = RepositoryRoot.SourceFiles(folder).ToList();
        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            var types = TopLevelTypes(File.ReadAllText(file)).Distinct(StringComparer.Ordinal);
            var name = Path.GetFileNameWithoutExtension(file).Split('.')[0];

            // The statements of a program are not in a type.
            types.FirstOrDefault().ShouldBe(name == "Program" ? null : name, file);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void NoFile_IsLong(string folder)
    {
        foreach (var file in RepositoryRoot.SourceFiles(folder))
            File.ReadLines(file).Count().ShouldBeLessThanOrEqualTo(MaxLines, file);
    }

    /// <summary>The list in docs/architecture.md.</summary>
    [Fact]
    public void MemoryIsAccessedWithoutBoundsChecks_InFewFilesOnly()
    {
        string[] words = ["Unsafe.", "LoadUnsafe", "StoreUnsafe", "MemoryMarshal.GetReference", "GetArrayDataReference", "unsafe "];
        var files = RepositoryRoot.SourceFiles("src")
            .Where(file => File.ReadLines(file).Any(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && words.Any(word => line.Contains(word, StringComparison.Ordinal))));

        // The sources that the generator writes only skip the initialization of records.
        files.Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["DataFrame.cs", "RecordSource.cs", "Separators.cs", "SimdFieldParser256.cs", "SimdFieldParser512.cs"]);
    }

    [Fact]
    public void TopLevelTypes_AreAllFound() =>
        TopLevelTypes("namespace N; class A { class Inner; } record B; enum C { } delegate void D(); interface E; struct F<T>;").ShouldBe(["A", "B", "C", "D", "E", "F"]);

    private static IEnumerable<string> TopLevelTypes(string text) =>
        CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview)).GetRoot()
            .DescendantNodes(n => n is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .Select(n => n switch
            {
                BaseTypeDeclarationSyntax type => type.Identifier.Text,
                DelegateDeclarationSyntax type => type.Identifier.Text,
                _ => null,
            })
            .OfType<string>();
}
