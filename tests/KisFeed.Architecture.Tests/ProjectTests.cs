using System.Xml.Linq;
using KisFeed.TestSupport;

namespace KisFeed.Architecture.Tests;

/// <summary>Dependencies between projects run downwards only, as in docs/architecture.md.</summary>
public sealed class ProjectTests
{
    private static readonly Dictionary<string, string[]> s_mayUse = new(StringComparer.Ordinal)
    {
        ["KisFeed"] = ["KisFeed.Generator"],
        ["KisFeed.Generator"] = [],
        ["KisFeed.Hosting"] = ["KisFeed"],
        ["KisFeed.Capture"] = ["KisFeed"],
        ["KisFeed.Testing"] = ["KisFeed", "KisFeed.Capture"],
        ["KisFeed.PostgreSql"] = ["KisFeed", "KisFeed.Capture"],
        ["KisFeed.RabbitMq"] = ["KisFeed", "KisFeed.Capture"],
        ["KisFeed.Coordination"] = ["KisFeed"],
        ["KisFeed.Server"] = ["KisFeed"],
        ["KisFeed.Simulator"] = ["KisFeed", "KisFeed.Capture", "KisFeed.Server"],
        ["KisFeed.Gateway"] = ["KisFeed", "KisFeed.Capture", "KisFeed.Hosting", "KisFeed.Server"],
        ["KisFeed.Cli"] =
        [
            "KisFeed", "KisFeed.Capture", "KisFeed.Coordination", "KisFeed.PostgreSql", "KisFeed.RabbitMq", "KisFeed.Hosting",
            "KisFeed.Simulator", "KisFeed.Gateway",
        ],
    };

    public static TheoryData<string> Projects =>
        [.. Directory.EnumerateDirectories(Path.Combine(RepositoryRoot.Path, "src")).Select(Path.GetFileName).OfType<string>()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void AProject_UsesOnlyProjectsBelowIt(string project)
    {
        s_mayUse.ShouldContainKey(project, "add a new project to the map");
        References(project).Except(s_mayUse[project], StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void References_AreFound() => References("KisFeed.Cli").ShouldContain(name => name == "KisFeed.Simulator");

    private static List<string> References(string project) =>
        [.. XDocument.Load(Path.Combine(RepositoryRoot.Path, "src", project, $"{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))];
}
