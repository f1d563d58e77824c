using System.Runtime.InteropServices;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Native;

/// <summary>A folder with the published command <c>kisfeed</c>.</summary>
/// <param name="Name">The name in tables.</param>
/// <param name="Start">The program and first arguments that start it.</param>
/// <param name="Folder">The folder.</param>
internal sealed record PublishedCommand(string Name, IReadOnlyList<string> Start, string Folder)
{
    private const string JitName = "JIT";
    private const string NativeName = "native";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(30);

    /// <summary>The size of the files that a release has, in bytes: without debugger symbols and documentation.</summary>
    public long Size => new DirectoryInfo(Folder).EnumerateFiles()
        .Where(file => file.Extension is not (".dbg" or ".pdb" or ".xml")).Sum(file => file.Length);

    /// <summary>
    /// The JIT build and the native one: in the folders that <c>KISFEED_JIT</c> and <c>KISFEED_NATIVE</c> name, otherwise published
    /// below <c>artifacts/</c>.
    /// </summary>
    public static async Task<(PublishedCommand Jit, PublishedCommand Native)> FindAsync(CancellationToken cancellationToken) =>
        (await FindAsync(JitName, "KISFEED_JIT", [], cancellationToken),
            await FindAsync(
                NativeName, "KISFEED_NATIVE", ["-p:Native=true", "-r", RuntimeInformation.RuntimeIdentifier], cancellationToken));

    /// <summary>The command beside this program, for both: for a run that shows only that the benchmark works.</summary>
    public static (PublishedCommand Jit, PublishedCommand Native) Beside() =>
        (new(JitName, ProcessRunner.KisFeed, AppContext.BaseDirectory), new(NativeName, ProcessRunner.KisFeed, AppContext.BaseDirectory));

    private static async Task<PublishedCommand> FindAsync(
        string name, string variable, string[] properties, CancellationToken cancellationToken)
    {
        var folder = Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given
            ? given
            : Path.Combine(RepositoryRoot.Path, "artifacts", "published", name);
        if (folder.StartsWith(RepositoryRoot.Path, StringComparison.Ordinal))
        {
            var project = Path.Combine(RepositoryRoot.Path, "src", "KisFeed.Cli");
            await ProcessRunner.RunAsync(
                "dotnet", ["publish", project, "-c", "Release", "-o", folder, "--nologo", "-v", "q", .. properties], s_limit,
                cancellationToken: cancellationToken);
        }

        var file = Path.Combine(folder, OperatingSystem.IsWindows() ? "kisfeed.exe" : "kisfeed");
        return File.Exists(file)
            ? new PublishedCommand(name, [file], folder)
            : throw new InvalidOperationException($"{variable} names {folder}, which has no file kisfeed");
    }
}
