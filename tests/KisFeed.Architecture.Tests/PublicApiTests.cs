using KisFeed.TestSupport;

namespace KisFeed.Architecture.Tests;

/// <summary>
/// The public API of each package is the one in <c>PublicApi/*.txt</c>, so that a change of it is seen in review.
/// <c>KISFEED_ACCEPT_API=1</c> writes the files instead of comparing them.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly string s_folder = Path.Combine(RepositoryRoot.Path, "tests", "KisFeed.Architecture.Tests", "PublicApi");

    private static readonly string[] s_packages =
    [
        "KisFeed", "KisFeed.Capture", "KisFeed.Coordination", "KisFeed.Gateway", "KisFeed.Hosting", "KisFeed.PostgreSql",
        "KisFeed.RabbitMq", "KisFeed.Server", "KisFeed.Simulator", "KisFeed.Testing",
    ];

    public static TheoryData<string> Packages { get; } = [.. s_packages];

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task The_public_API_is_the_approved_one(string package)
    {
        var lines = PublicApi.Of(Path.Combine(AppContext.BaseDirectory, $"{package}.dll"), References());
        var approved = Path.Combine(s_folder, $"{package}.txt");
        if (Environment.GetEnvironmentVariable("KISFEED_ACCEPT_API") == "1")
        {
            Directory.CreateDirectory(s_folder);
            await File.WriteAllTextAsync(approved, string.Concat(lines.Select(line => $"{line}\n")));
            return;
        }

        var before = File.Exists(approved) ? await File.ReadAllLinesAsync(approved) : [];
        var added = lines.Except(before, StringComparer.Ordinal).Select(line => $"+ {line}");
        var removed = before.Except(lines, StringComparer.Ordinal).Select(line => $"- {line}");
        added.Concat(removed).ShouldBeEmpty(
            $"The public API of {package} changed. If that is intended, run this test with KISFEED_ACCEPT_API=1 and commit {package}.txt.");
        lines.ShouldBe(before, $"the order of {package}.txt");
    }

    [Fact]
    public void Every_package_is_compared()
    {
        var packages = Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("<IsPackable>true</IsPackable>", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file));
        packages.Order(StringComparer.Ordinal).ShouldBe(s_packages);
    }

    private static string[] References() => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
}
