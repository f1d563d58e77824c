using KisFeed.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KisFeed.Tests.Architecture;

/// <summary>Which layer of the library names what of which other, found by compiling its sources.</summary>
internal sealed class SourceGraph
{
    private const string SourceFolder = "src/KisFeed";

    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.Preview);
    private static readonly string[] s_implicitUsings =
        ["System", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks", "System.Collections.Generic"];

    private readonly Compilation _compilation;
    private readonly IReadOnlyCollection<SyntaxTree> _trees;

    private SourceGraph(Compilation compilation, IReadOnlyCollection<SyntaxTree> trees)
    {
        _compilation = compilation;
        _trees = trees;
    }

    /// <summary>The library as it stands.</summary>
    public static SourceGraph Library { get; } = Compile();

    /// <summary>Identifiers whose symbol the compiler knows; a check over too few of them would prove nothing.</summary>
    public int Resolved { get; private set; }

    /// <summary>The library with more files; only these are looked at.</summary>
    public SourceGraph With(params (string Path, string Text)[] files)
    {
        var trees = files.Select(f => Parse(f.Path, f.Text)).ToList();
        return new SourceGraph(_compilation.AddSyntaxTrees(trees), trees);
    }

    /// <summary>Every arrow between two layers: from the layer of the file to that of the symbol it names.</summary>
    public IEnumerable<(string From, string To, string Where)> Arrows()
    {
        foreach (var tree in _trees)
        {
            var from = LayerOf(tree);
            var model = _compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                var info = model.GetSymbolInfo(name);
                var symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
                if (symbol is null or INamespaceSymbol)
                    continue;
                Resolved++;
                foreach (var declaration in symbol.OriginalDefinition.DeclaringSyntaxReferences)
                {
                    var to = LayerOf(declaration.SyntaxTree);
                    if (to != from)
                        yield return (from, to, $"{tree.FilePath}:{name.GetLocation().GetLineSpan().StartLinePosition.Line + 1} names {symbol.ToDisplayString()}");
                }
            }
        }
    }

    /// <summary>The namespaces declared in each layer.</summary>
    public IEnumerable<(string Layer, string Namespace)> Namespaces() =>
        _trees
            .SelectMany(t => t.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Select(n => (LayerOf(t), n.Name.ToString())))
            .Distinct();

    private static SourceGraph Compile()
    {
        var root = Path.Combine(RepositoryRoot.Path, SourceFolder);
        var trees = RepositoryRoot.SourceFiles(SourceFolder)
            .Select(f => Parse(Path.GetRelativePath(root, f).Replace('\\', '/'), File.ReadAllText(f)))
            .Append(Parse("GlobalUsings.cs", string.Concat(s_implicitUsings.Select(u => $"global using {u};"))));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p) is var file && (file.StartsWith("System.", StringComparison.Ordinal) || file.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) || file == "netstandard.dll"))
            .Select(p => MetadataReference.CreateFromFile(p));
        var compilation = CSharpCompilation.Create(
            "KisFeed",
            trees,
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create([new FeedGenerator().AsSourceGenerator()], parseOptions: s_parse)
            .RunGeneratorsAndUpdateCompilation(compilation, out var complete, out _);
        return new SourceGraph(complete, [.. complete.SyntaxTrees]);
    }

    private static SyntaxTree Parse(string path, string text) => CSharpSyntaxTree.ParseText(text, s_parse, path);

    // What the generator makes belongs to the feeds it is made from.
    private static string LayerOf(SyntaxTree tree)
    {
        if (tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal))
            return "Feeds";
        var slash = tree.FilePath.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : tree.FilePath[..slash];
    }
}
