using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace KisFeed.TestSupport;

/// <summary>How a process is started.</summary>
internal sealed record ProcessOptions
{
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Whether the process gets only the variables of <see cref="Environment"/>.</summary>
    public bool HasCleanEnvironment { get; init; }

    public string WorkingDirectory { get; init; } = "";

    /// <summary>The name in error messages [the command line].</summary>
    public string? Name { get; init; }

    /// <summary>Receives each line of the errors, which are then not collected.</summary>
    public Action<string>? OnError { get; init; }

    /// <summary>Whether the caller reads <see cref="RunningProcess.RawOutput"/>, so that the output is not collected.</summary>
    public bool HasRawOutput { get; init; }
}

/// <summary>Starts the processes of tests and benchmarks.</summary>
internal static class ProcessRunner
{
    /// <summary>
    /// The program and first arguments that start <c>kisfeed</c>: the file that the variable <c>KISFEED_COMMAND</c> names, such as the
    /// native command, otherwise the assembly next to this one.
    /// </summary>
    public static IReadOnlyList<string> KisFeed { get; } = Environment.GetEnvironmentVariable("KISFEED_COMMAND") is { Length: > 0 } file
        ? [file]
        : ["dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "KisFeed.Cli.dll")];

    /// <summary>
    /// The Python of the system. The first one in the path may be a script that selects a version, which starts ten times as slowly.
    /// </summary>
    public static string Python { get; } = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    /// <summary>Starts <c>kisfeed</c> like a user.</summary>
    public static RunningProcess StartKisFeed(params string[] arguments) => Start(KisFeed[0], [.. KisFeed.Skip(1), .. arguments]);

    /// <summary>Starts <c>kisfeed</c> with additional environment variables.</summary>
    public static RunningProcess StartKisFeed(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        StartKisFeed(new ProcessOptions { Environment = environment }, arguments);

    /// <summary>Starts <c>kisfeed</c> with options.</summary>
    public static RunningProcess StartKisFeed(ProcessOptions options, params string[] arguments) =>
        Start(KisFeed[0], [.. KisFeed.Skip(1), .. arguments], options);

    /// <summary>Starts a line of shell in which <c>kisfeed</c> is the command.</summary>
    public static RunningProcess StartShell(string line) =>
        Start("/bin/bash", ["-c", $"kisfeed() {{ '{string.Join("' '", KisFeed)}' \"$@\"; }}; {line}"]);

    /// <summary>Starts a program of the path.</summary>
    /// <exception cref="Win32Exception">The program does not exist.</exception>
    public static RunningProcess Start(string file, IEnumerable<string> arguments, ProcessOptions? options = null)
    {
        options ??= new ProcessOptions();
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = options.WorkingDirectory,
        };
        if (options.HasCleanEnvironment)
            start.Environment.Clear();
        else
            AddDefaults(start.Environment);
        foreach (var (name, value) in options.Environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;
        return RunningProcess.Start(start, options);
    }

    /// <summary>Runs a program to its end and returns its output.</summary>
    /// <exception cref="InvalidOperationException">It failed, or did not end within the limit.</exception>
    public static async Task<string> RunAsync(
        string file, IEnumerable<string> arguments, TimeSpan limit, ProcessOptions? options = null, string input = "",
        CancellationToken cancellationToken = default)
    {
        await using var process = Start(file, arguments, options);
        await process.Input.WriteAsync(input.AsMemory(), cancellationToken);
        process.Input.Close();
        return await process.WaitForExitAsync(limit, cancellationToken) is 0 ? process.Output : throw process.Failure("the process failed");
    }

    /// <summary>
    /// Runs a program to its end and returns its output; <see langword="null"/> if it does not exist, fails or exceeds the limit.
    /// </summary>
    public static async Task<string?> TryRunAsync(
        string file, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        try
        {
            return await RunAsync(file, arguments, limit, cancellationToken: cancellationToken);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return null;
        }
    }

    private static void AddDefaults(IDictionary<string, string?> environment)
    {
        // The configuration of this machine's user must have no effect.
        environment["KISFEED_CONFIG"] = "none";
        environment["KISFEED_LANG"] = "en";
        environment["PYTHONIOENCODING"] = "utf-8";
        environment["PYTHONDONTWRITEBYTECODE"] = "1";
        // Tests switch tiered PGO off, and most of their processes live only for seconds too. Benchmarks do not.
        if (AppContext.TryGetSwitch("System.Runtime.TieredPGO", out var usesPgo) && !usesPgo)
            environment["DOTNET_TieredPGO"] = "0";
    }
}
