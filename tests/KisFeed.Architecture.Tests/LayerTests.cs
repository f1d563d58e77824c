using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using KisFeed.TestSupport;

namespace KisFeed.Architecture.Tests;

/// <summary>
/// References between projects and between namespaces run downwards only, as the map in docs/architecture.md shows them.
/// Read from the compiled assemblies.
/// </summary>
public sealed class LayerTests
{
    /// <summary>The assemblies from top to bottom. Each may use those below it.</summary>
    private static readonly string[] s_assemblies =
        [
            "KisFeed.Cli", "KisFeed.Gateway", "KisFeed.Simulator", "KisFeed.Server", "KisFeed.PostgreSql", "KisFeed.RabbitMq",
            "KisFeed.Coordination", "KisFeed.Testing", "KisFeed.Capture", "KisFeed.Hosting", "KisFeed",
        ];

    public static TheoryData<string> Assemblies { get; } = [.. s_assemblies];

    [Fact]
    public void Every_project_has_a_layer() =>
        Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Except(["KisFeed.Generator"], StringComparer.Ordinal) // Part of the compiler, not of the product.
            .Order(StringComparer.Ordinal)
            .ShouldBe(s_assemblies.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_uses_only_assemblies_below_it(string assembly)
    {
        var layer = Array.IndexOf(s_assemblies, assembly);
        var above = s_assemblies[..layer];

        NamespaceGraph.Of(FileOf(assembly)).Where(edge => above.Contains(AssemblyOf(NamespaceGraph.NamespaceOf(edge.Key.To))))
            .Select(Describe).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Namespaces_of_an_assembly_form_no_circle(string assembly)
    {
        var edges = NamespaceGraph.Of(FileOf(assembly));

        // Types of the root namespace may use each other; a circle is one that a namespace is part of.
        var circles = Circles.In(edges.Keys).Where(circle => circle.Any(node => !NamespaceGraph.IsType(node))).ToList();

        edges.Where(edge => circles.Any(circle => circle.IsSupersetOf([edge.Key.From, edge.Key.To]))).Select(Describe).ShouldBeEmpty();
    }

    /// <summary>One concept has one name, and two concepts never share one.</summary>
    [Fact]
    public void No_two_types_have_the_same_name() =>
        s_assemblies.SelectMany(TypesOf)
            .GroupBy(type => type.Name, type => type.Namespace, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group)}")
            .ShouldBeEmpty();

    [Fact]
    public void A_circle_is_found()
    {
        (string, string)[] edges = [("A", "B"), ("B", "C"), ("C", "D"), ("D", "B"), ("C", "E")];

        Circles.In(edges).ShouldHaveSingleItem().Order(StringComparer.Ordinal).ShouldBe(["B", "C", "D"]);
    }

    [Fact]
    public void References_in_method_bodies_signatures_and_closures_are_found()
    {
        var edges = NamespaceGraph.Of(typeof(LayerTests).Assembly.Location);

        edges.Keys.ShouldContain(($"KisFeed.Architecture.Tests:{nameof(LayerTests)}", "KisFeed.TestSupport"));
    }

    [Fact]
    public void The_pure_core_uses_only_the_wire_format_and_public_types()
    {
        var edges = NamespaceGraph.Of(FileOf("KisFeed")).Keys.Where(edge => !NamespaceGraph.IsType(edge.To))
            .ToLookup(edge => edge.From, edge => edge.To, StringComparer.Ordinal);

        edges["KisFeed.Wire"].ShouldBeEmpty();
        edges["KisFeed.Feeds"].ShouldBe(["KisFeed.Wire"]);
        edges["KisFeed.Session"].Order(StringComparer.Ordinal).ShouldBe(["KisFeed.Wire", "KisFeed.Wire.Control"]);
    }

    /// <summary>
    /// So there is only one order in which the locks of the hub, the dispatcher of streams and their queues can be taken.
    /// </summary>
    [Fact]
    public void The_dispatcher_of_streams_uses_nothing_above_it() =>
        NamespaceGraph.Of(FileOf("KisFeed.Gateway")).Keys
            .Where(edge => edge.From == "KisFeed.Gateway.Dispatching"
                && !NamespaceGraph.IsType(edge.To)
                && edge.To.StartsWith("KisFeed.Gateway.", StringComparison.Ordinal))
            .Select(edge => edge.To)
            .Order(StringComparer.Ordinal)
            .ShouldBe(["KisFeed.Gateway.Consumers", "KisFeed.Gateway.History", "KisFeed.Gateway.Hub"]);

    private static string Describe(KeyValuePair<(string From, string To), string> edge) =>
        $"{edge.Key.From} -> {edge.Key.To}: {edge.Value}";

    private static List<(string Name, string Namespace)> TypesOf(string assembly)
    {
        using var file = new PEReader(File.OpenRead(FileOf(assembly)));
        var metadata = file.GetMetadataReader();
        return
        [
            .. metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
                .Where(type => !type.IsNested)
                .Select(type => (metadata.GetString(type.Name), metadata.GetString(type.Namespace)))
                .Where(type => type.Item2.StartsWith("KisFeed", StringComparison.Ordinal)),
        ];
    }

    private static string FileOf(string assembly) => Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll");

    // The longest name that the namespace begins with.
    private static string AssemblyOf(string name) =>
        s_assemblies.Where(assembly => name == assembly || name.StartsWith($"{assembly}.", StringComparison.Ordinal))
            .OrderByDescending(assembly => assembly.Length)
            .First();
}
