using System.Text.RegularExpressions;
using KisFeed.TestSupport;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KisFeed.Architecture.Tests;

/// <summary>
/// Lines are short, and a type is found by its name: it is in one file, and a type of more than a few lines has a file of its name.
/// </summary>
public sealed partial class FileTests
{
    private const int MaxLineLength = 140;
    private const int MaxSharedLines = 25;

    private static readonly CSharpParseOptions s_options = new(LanguageVersion.Preview);

    public static TheoryData<string> Folders => new("src", "tests", "bench", "samples");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Lines_AreShort(string folder) => LongLines(Files(folder)).ShouldBeEmpty();

    [Theory]
    [InlineData("src", "csproj", "targets")]
    [InlineData("tests", "csproj", "props", "py", "mjs")]
    [InlineData("web", "ts", "css", "html")]
    [InlineData("deploy", "conf", "config", "service", "sh", "sql", "yml")]
    [InlineData("eng", "sh", "awk", "targets")]
    public void Lines_OfOtherFiles_AreShort(string folder, params string[] extensions) =>
        LongLines(RepositoryRoot.Files(folder, extensions)).ShouldBeEmpty();

    [Fact]
    public void LogMessages_OfAFile_HaveDifferentIds() =>
        Files("src")
            .SelectMany(file => LogMessagePattern().Matches(File.ReadAllText(file))
                .GroupBy(match => match.Groups["id"].Value, StringComparer.Ordinal)
                .Where(ids => ids.Count() > 1)
                .Select(ids => $"{file}: {ids.Key}"))
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Folders))]
    public void LongTypes_AreInAFileOfTheirName(string folder) =>
        Files(folder)
            .SelectMany(file => TypesOf(File.ReadAllText(file)).Select(type => (File: file, Type: type)))
            .Where(item => item.Type is { Lines: > MaxSharedLines, IsFileLocal: false })
            .Where(item => item.Type.Name != Path.GetFileNameWithoutExtension(item.File))
            .Select(item => $"{Relative(item.File)}: {item.Type.Name} has {item.Type.Lines} lines")
            .ShouldBeEmpty();

    /// <summary>Other parts may be generated.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void Types_AreInOneFile(string folder) =>
        Files(folder)
            .SelectMany(file => TypesOf(File.ReadAllText(file))
                .Where(type => !type.IsFileLocal)
                .Select(type => (Type: $"{ProjectOf(file)} {type.Namespace}.{type.Name}`{type.Arity}", File: Relative(file))))
            .Distinct()
            .GroupBy(item => item.Type, item => item.File, StringComparer.Ordinal)
            .Where(files => files.Skip(1).Any())
            .Select(files => $"{files.Key}: {string.Join(", ", files)}")
            .ShouldBeEmpty();

    [Fact]
    public void SourceFiles_HaveATypeOfTheirName() =>
        Files("src")
            .Where(file => Path.GetFileNameWithoutExtension(file) != "Program")
            .Where(file => TypesOf(File.ReadAllText(file)).Select(type => type.Name).ToList() is { Count: > 0 } names
                && !names.Contains(Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal))
            .Select(Relative)
            .ShouldBeEmpty();

    [Fact]
    public void SourceFiles_ThatTheDocumentsName_Exist()
    {
        var documents = Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "docs"), "*.md", SearchOption.AllDirectories);
        var named = documents.SelectMany(document => SourceFile().Matches(File.ReadAllText(document)))
            .Select(match => match.Value)
            .ToList();

        named.ShouldNotBeEmpty();
        named.Where(file => !File.Exists(Path.Combine(RepositoryRoot.Path, "src", file))).ShouldBeEmpty();
    }

    /// <summary>Each of these files needs a careful review when it is changed.</summary>
    [Fact]
    public void MemoryIsAccessedWithoutBoundsChecks_InFewFilesOnly()
    {
        string[] words = ["Unsafe.", "LoadUnsafe", "StoreUnsafe", "MemoryMarshal.GetReference", "GetArrayDataReference", "unsafe "];
        var files = RepositoryRoot.SourceFiles("src")
            .Where(file => File.ReadLines(file)
                .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
                .Any(line => words.Any(word => line.Contains(word, StringComparison.Ordinal))));

        // The sources that the generator writes only skip the initialization of records.
        files.Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe([
                "FastHeaderParser.cs", "RecordSource.cs", "SeparatorMask.cs", "Separators.cs", "Separators512.cs",
                "SimdFieldParser256.cs", "SimdFieldParser512.cs", "SwarBytes.cs"]);
    }

    [Fact]
    public void Types_AreAllFound()
    {
        const string text = "namespace N; class A {\n class Inner; }\n record B; enum C { }"
            + "delegate void D(); interface E; file struct F<T>;";

        var types = TypesOf(text).ToList();

        types.Select(type => type.Name).ShouldBe(["A", "B", "C", "D", "E", "F"]);
        types[0].ShouldBe(new SourceType("A", "N", 0, 2, IsFileLocal: false));
        types[^1].ShouldBe(new SourceType("F", "N", 1, 1, IsFileLocal: true));
    }

    [GeneratedRegex(@"(?<=[` ])KisFeed(\.[A-Za-z]+)?/[A-Za-z/]+\.cs\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?<id>[0-9]+)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex LogMessagePattern();

    private static IEnumerable<string> Files(string folder) => RepositoryRoot.SourceFiles(folder).Where(file => !IsGenerated(file));

    private static IEnumerable<string> LongLines(IEnumerable<string> files) => files
        .SelectMany(file => File.ReadLines(file).Index().Select(line => (File: file, Number: line.Index + 1, line.Item.Length)))
        .Where(line => line.Length > MaxLineLength)
        .Select(line => $"{Relative(line.File)}:{line.Number}: {line.Length} characters");

    private static bool IsGenerated(string file) =>
        File.ReadLines(file).FirstOrDefault()?.StartsWith("// <auto-generated", StringComparison.Ordinal) == true;

    private static string Relative(string file) => Path.GetRelativePath(RepositoryRoot.Path, file);

    private static string ProjectOf(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        while (!Directory.EnumerateFiles(folder, "*.csproj").Any())
            folder = Path.GetDirectoryName(folder)!;
        return Path.GetFileName(folder);
    }

    private static IEnumerable<SourceType> TypesOf(string text) =>
        CSharpSyntaxTree.ParseText(text, s_options).GetRoot()
            .DescendantNodes(n => n is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .Select(n => n switch
            {
                TypeDeclarationSyntax type => SourceType.From(type, type.Identifier, type.TypeParameterList),
                BaseTypeDeclarationSyntax type => SourceType.From(type, type.Identifier),
                DelegateDeclarationSyntax type => SourceType.From(type, type.Identifier, type.TypeParameterList),
                _ => null,
            })
            .OfType<SourceType>();

    private sealed record SourceType(string Name, string Namespace, int Arity, int Lines, bool IsFileLocal)
    {
        public static SourceType From(MemberDeclarationSyntax type, SyntaxToken name, TypeParameterListSyntax? parameters = null)
        {
            var lines = type.SyntaxTree.GetLineSpan(type.Span);
            return new SourceType(
                name.Text,
                string.Join('.', type.Ancestors().OfType<BaseNamespaceDeclarationSyntax>().Reverse().Select(n => n.Name)),
                parameters?.Parameters.Count ?? 0,
                lines.EndLinePosition.Line - lines.StartLinePosition.Line + 1,
                type.Modifiers.Any(SyntaxKind.FileKeyword));
        }
    }
}
