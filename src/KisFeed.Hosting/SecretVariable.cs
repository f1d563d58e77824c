using System.Text;

namespace KisFeed.Hosting;

/// <summary>
/// A secret from the environment: the value of a variable, or the content of the file that the variable with <c>_FILE</c> at the end of its name names, as systemd's <c>LoadCredential=</c> and
/// containers hand secrets over. Immutable.
/// </summary>
public sealed record SecretVariable
{
    /// <summary>What the name of the variable with the file's path ends with.</summary>
    public const string FileSuffix = "_FILE";

    private const int MaxBytes = 4096;
    private const int ShortestSecret = 32;

    /// <summary>The secret; <see langword="null"/> where neither variable is set. One line break at the end of a file does not belong to it.</summary>
    public string? Value { get; private init; }

    /// <summary>Where it came from, for people: the variable, or the file and the variable that names it.</summary>
    public required string Source { get; init; }

    /// <summary>That everybody on this machine can read the file; <see langword="null"/> where it is not so.</summary>
    public string? Warning { get; private init; }

    /// <summary>Whether one of the two variables is set.</summary>
    /// <param name="variable">Looks an environment variable up.</param>
    /// <param name="name">The name without <see cref="FileSuffix"/>.</param>
    public static bool IsSet(Func<string, string?> variable, string name)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return variable(name) is not null || variable(name + FileSuffix) is not null;
    }

    /// <summary>Reads the secret.</summary>
    /// <param name="variable">Looks an environment variable up.</param>
    /// <param name="name">The name without <see cref="FileSuffix"/>.</param>
    /// <exception cref="KisFeedConfigurationException">Both variables are set, or the file cannot be read, is empty or too long. The message does not hold the secret.</exception>
    public static SecretVariable Read(Func<string, string?> variable, string name)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var value = variable(name);
        var nameOfFile = name + FileSuffix;
        if (variable(nameOfFile) is not { } path || string.IsNullOrWhiteSpace(path))
            return new SecretVariable { Value = value, Source = name };
        if (!string.IsNullOrWhiteSpace(value))
            throw new KisFeedConfigurationException($"{name} and {nameOfFile} are both set. Set one of them.");

        var source = $"{path} ({nameOfFile})";
        return ReadFile(path, nameOfFile) switch
        {
            { Length: > MaxBytes } => throw new KisFeedConfigurationException($"{source} is longer than {MaxBytes} bytes. The file must hold the secret and nothing else."),
            var content when string.IsNullOrWhiteSpace(content) => throw new KisFeedConfigurationException($"{source} is empty. Write the secret to the file."),
            var content => new SecretVariable { Value = WithoutLineBreak(content), Source = source, Warning = WarningOf(path) },
        };
    }

    /// <summary>The source, and never the secret.</summary>
    public override string ToString() => Source;

    private static string ReadFile(string path, string nameOfFile)
    {
        if (!Path.Exists(path))
        {
            throw new KisFeedConfigurationException(
                $"{nameOfFile} names {Shown(path)}, which does not exist or is in a folder that is closed to this program's user. Set it to the path of a file with the secret, or set {nameOfFile[..^FileSuffix.Length]} to the secret itself.");
        }

        try
        {
            using var file = File.OpenRead(path);
            var content = new byte[MaxBytes + 1];
            return Encoding.UTF8.GetString(content, 0, file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{path} ({nameOfFile}) cannot be read: {e.Message} The user that runs this program must have the right to read it.", e);
        }
    }

    // Somebody may have put the secret itself where its file's path belongs.
    private static string Shown(string path) =>
        path.Length < ShortestSecret || (Path.IsPathRooted(path) && Path.GetDirectoryName(path) is { Length: > 1 } folder && Directory.Exists(folder)) ? path : "a file (not shown, because it may be the secret itself)";

    private static string WithoutLineBreak(string content) =>
        content.EndsWith("\r\n", StringComparison.Ordinal) ? content[..^2] : content.EndsWith('\n') ? content[..^1] : content;

    // The group may read it: files that systemd hands over have an access list for the service's user, which shows as the group's right.
    private static string? WarningOf(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) != UnixFileMode.None
            ? $"{path} holds a secret, and every user of this machine may read it: chmod o-r {path}"
            : null;
}
