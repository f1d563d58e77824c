using System.Text.RegularExpressions;

namespace KisFeed.Cli.Tests.Deployment;

/// <summary>Compares the software bill of materials with the lock files and the build output.</summary>
public sealed partial class SbomTests
{
    [Fact]
    public async Task The_document_conforms_to_CycloneDX_and_is_reproducible()
    {
        var text = await WriteAsync();
        (await WriteAsync()).ShouldBe(text);

        var document = JsonSerializer.Deserialize<JsonElement>(text);
        (TextOf(document, "bomFormat"), TextOf(document, "specVersion"), document.GetProperty("version").GetInt32())
            .ShouldBe(("CycloneDX", "1.6", 1));
        TextOf(document, "serialNumber").ShouldMatch("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$");
        var root = document.GetProperty("metadata").GetProperty("component");
        TextOf(root, "type").ShouldBe("application");
        var references = new HashSet<string>(StringComparer.Ordinal) { TextOf(root, "bom-ref") };
        foreach (var component in document.GetProperty("components").EnumerateArray())
        {
            TextOf(component, "type").ShouldBe("library");
            TextOf(component, "name").ShouldNotBeEmpty();
            TextOf(component, "version").ShouldNotBeEmpty();
            TextOf(component, "scope").ShouldBeOneOf("required", "excluded");
            TextOf(component, "purl").ShouldMatch("^pkg:(nuget|npm)/[^@]+@[^@]+$");
            references.Add(TextOf(component, "bom-ref")).ShouldBeTrue($"{component} is there a second time");
            var hash = component.GetProperty("hashes").EnumerateArray().ShouldHaveSingleItem();
            TextOf(hash, "alg").ShouldBe("SHA-512");
            TextOf(hash, "content").ShouldMatch("^[0-9a-f]{128}$");
        }

        var dependencies = document.GetProperty("dependencies").EnumerateArray().ToList();
        dependencies.Select(d => TextOf(d, "ref")).Order(StringComparer.Ordinal).ShouldBe(references.Order(StringComparer.Ordinal));
        dependencies.SelectMany(d => d.GetProperty("dependsOn").EnumerateArray())
            .ShouldAllBe(needed => references.Contains(needed.GetString()!));
    }

    [Fact]
    public async Task The_document_has_every_package_of_every_lock_file()
    {
        var packageUrls = (await ComponentsAsync()).Keys.ToHashSet(StringComparer.Ordinal);

        LockFiles("packages.lock.json").SelectMany(NuGetPackages).Concat(LockFiles("package-lock.json").SelectMany(NpmPackages))
            .ToHashSet(StringComparer.Ordinal).ShouldBe(packageUrls, ignoreOrder: true);
    }

    [Fact]
    public async Task Shipped_components_are_required_and_build_or_test_ones_are_not()
    {
        var components = await ComponentsAsync();
        var built =
            JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "KisFeed.Cli.deps.json"))).RootElement;
        var shipped = built.GetProperty("libraries").EnumerateObject().Where(l => TextOf(l.Value, "type") == "package")
            .Select(l => $"pkg:nuget/{l.Name.Replace('/', '@')}").ToList();

        shipped.ShouldContain(p => p.StartsWith("pkg:nuget/YamlDotNet@", StringComparison.Ordinal));
        shipped.ShouldAllBe(purl => components[purl] == "required");
        ScopeOf("pkg:npm/lightweight-charts").ShouldBe("required");
        ScopeOf("pkg:nuget/Microsoft.Extensions.Logging.Abstractions").ShouldBe("required");
        string[] excluded =
        [
            "nuget/Meziantou.Analyzer", "nuget/xunit.v3.mtp-off", "nuget/BenchmarkDotNet", "nuget/System.Drawing.Common",
            "nuget/Microsoft.CodeAnalysis.CSharp",
            "npm/vite",
        ];
        foreach (var name in excluded)
            ScopeOf($"pkg:{name}").ShouldBe("excluded", name);

        // A tool may need another version of a package than the project.
        string ScopeOf(string name) =>
            components.Where(c => c.Key.StartsWith(name + "@", StringComparison.Ordinal)).Select(c => c.Value)
                .Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
    }

    private static async Task<Dictionary<string, string>> ComponentsAsync() =>
        JsonSerializer.Deserialize<JsonElement>(await WriteAsync()).GetProperty("components").EnumerateArray()
            .ToDictionary(c => TextOf(c, "purl"), c => TextOf(c, "scope"), StringComparer.Ordinal);

    private static Task<string> WriteAsync() =>
        ProcessRunner.RunAsync(ProcessRunner.Python, [Path.Combine(RepositoryRoot.Path, "eng", "sbom")], Patience.Limit);

    private static IEnumerable<string> LockFiles(string name) =>
        new[] { "src", "tests", "bench", "samples", "web" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, folder), name, SearchOption.AllDirectories))
            .Where(path => !Built().IsMatch(path));

    private static IEnumerable<string> NuGetPackages(string path) =>
        JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("dependencies").EnumerateObject()
            .SelectMany(framework => framework.Value.EnumerateObject())
            .Where(package => TextOf(package.Value, "type") != "Project")
            .Select(package => $"pkg:nuget/{package.Name}@{TextOf(package.Value, "resolved")}");

    private static IEnumerable<string> NpmPackages(string path) =>
        JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("packages").EnumerateObject()
            .Where(package => package.Name.Length > 0)
            .Select(package => $"pkg:npm/{package.Name.Split("node_modules/")[^1].Replace("@", "%40", StringComparison.Ordinal)}@"
                + $"{TextOf(package.Value, "version")}");

    private static string TextOf(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    [GeneratedRegex(@"[/\\](node_modules|obj|bin|artifacts)[/\\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Built();
}
