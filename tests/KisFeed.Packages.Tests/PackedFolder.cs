using System.Globalization;
using KisFeed.TestSupport;

namespace KisFeed.Packages.Tests;

/// <summary>
/// A folder outside the repository with the packages of the built projects, and with programs of users who have only the packages. Other
/// packages come from the machine's usual folders and feeds.
/// </summary>
public sealed class PackedFolder : IAsyncLifetime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);
    private static readonly string s_configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    private readonly string _root = Directory.CreateTempSubdirectory("kisfeed-packages-").FullName;

    /// <summary>The version of the packages. No cache has this one.</summary>
    public string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test.{Environment.ProcessId}");

    /// <summary>The names of the packages.</summary>
    public IReadOnlyList<string> Names { get; private set; } = [];

    private string Feed => Path.Combine(_root, "feed");

    public async ValueTask InitializeAsync()
    {
        await DotnetAsync(
            RepositoryRoot.Path, "pack", "eng/Packages.proj", "--no-build", "-c", s_configuration, "-o", Feed, $"-p:Version={Version}");
        Names = [.. Directory.EnumerateFiles(Feed, "*.nupkg").Select(file => Path.GetFileName(file)[..^$".{Version}.nupkg".Length])];
        await File.WriteAllTextAsync(Path.Combine(_root, "nuget.config"), """
            <configuration><packageSources><add key="feed" value="feed" /></packageSources></configuration>
            """);
        await File.WriteAllTextAsync(Path.Combine(_root, "Directory.Build.props"), $"""
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestorePackagesPath>{Path.Combine(_root, "packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{GlobalPackages()}</RestoreFallbackFolders>
              </PropertyGroup>
            </Project>
            """);
    }

    /// <summary>Compiles a program that uses some of the packages.</summary>
    /// <returns>Its assembly.</returns>
    internal async Task<string> BuildAsync(string name, IReadOnlyDictionary<string, string> files, IEnumerable<string> packages)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        foreach (var (file, text) in files)
            await File.WriteAllTextAsync(Path.Combine(folder, file), text);
        var references = packages.Select(package => $"""<PackageReference Include="{package}" Version="{Version}" />""");
        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk"><ItemGroup>{string.Concat(references)}</ItemGroup></Project>
            """);
        await DotnetAsync(folder, "build", "-o", "out");
        return Path.Combine(folder, "out", $"{name}.dll");
    }

    /// <summary>Installs the tool.</summary>
    /// <returns>Its executable file.</returns>
    internal async Task<string> InstallToolAsync()
    {
        var folder = Path.Combine(_root, "tool");
        await DotnetAsync(_root, "tool", "install", "KisFeed.Cli", "--version", Version, "--tool-path", folder);
        return Path.Combine(folder, "kisfeed");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string GlobalPackages() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    // No server process outlives the test.
    private static async Task DotnetAsync(string folder, params string[] arguments) =>
        await ProcessRunner.RunAsync("dotnet", arguments, s_limit, new ProcessOptions
        {
            WorkingDirectory = folder,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["MSBUILDDISABLENODEREUSE"] = "1",
                ["UseSharedCompilation"] = "false",
            },
        });
}
