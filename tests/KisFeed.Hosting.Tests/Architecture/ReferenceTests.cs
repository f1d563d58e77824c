namespace KisFeed.Hosting.Tests.Architecture;

/// <summary>The package depends only on the library, abstractions, options and a YAML parser.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Package_refers_only_to_the_library_abstractions_options_and_YamlDotNet()
    {
        var shared = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var foreign = typeof(KisFeedConfiguration).Assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(name => !File.Exists(Path.Combine(shared, $"{name}.dll"))).ToArray();

        foreign.Where(name => !IsAbstraction(name)).ShouldBe(["KisFeed", "Microsoft.Extensions.Options", "YamlDotNet"], ignoreOrder: true);
        foreign.ShouldContain(name => IsAbstraction(name));
    }

    private static bool IsAbstraction(string name) =>
        name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && name.EndsWith(".Abstractions", StringComparison.Ordinal);
}
