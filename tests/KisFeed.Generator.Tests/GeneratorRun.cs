using KisFeed.Feeds;
using KisFeed.Wire;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KisFeed.Generator.Tests;

/// <summary>A run of the generator, and the compiler's diagnostics for the result.</summary>
internal sealed class GeneratorRun
{
    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.Preview);
    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p).StartsWith("System.", StringComparison.Ordinal))
            .Append(typeof(FeedAttribute).Assembly.Location)
            .Select(p => MetadataReference.CreateFromFile(p)),
    ];

    private GeneratorRun(GeneratorDriverRunResult result, Compilation compilation)
    {
        Result = result;
        Compilation = compilation;
    }

    public GeneratorDriverRunResult Result { get; }

    public Compilation Compilation { get; }

    /// <summary>The diagnostics of the generator.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => Result.Diagnostics;

    /// <summary>The compiler's diagnostics for sources and generated code.</summary>
    public IEnumerable<string> CompilerErrors =>
        Compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString());

    public static CSharpCompilation Compile(params string[] sources) => CSharpCompilation.Create(
        "Sources",
        sources.Select((s, i) => CSharpSyntaxTree.ParseText(s, s_parse, $"Source{i}.cs")),
        s_references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver CreateDriver() => CSharpGeneratorDriver.Create(
        [new FeedGenerator().AsSourceGenerator()],
        parseOptions: s_parse,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public static GeneratorRun Of(params string[] sources)
    {
        var driver = CreateDriver().RunGeneratorsAndUpdateCompilation(Compile(sources), out var compilation, out _);
        var result = driver.GetRunResult();
        result.Results.ShouldAllBe(r => r.Exception == null);
        return new GeneratorRun(result, compilation);
    }

    /// <summary>Compiles valid sources and loads the assembly.</summary>
    public static System.Reflection.Assembly Load(params string[] sources)
    {
        var run = Of(sources);
        run.Diagnostics.ShouldBeEmpty();
        run.CompilerErrors.ShouldBeEmpty();
        using var image = new MemoryStream();
        run.Compilation.Emit(image).Success.ShouldBeTrue();
        return System.Reflection.Assembly.Load(image.ToArray());
    }

    /// <summary>The schema of a feed of a compiled record.</summary>
    public static FeedSchema SchemaOf(Type record, string member)
    {
        var feed = record.GetProperty(member)!.GetValue(null)!;
        return (FeedSchema)feed.GetType().GetProperty("Schema")!.GetValue(feed)!;
    }
}
