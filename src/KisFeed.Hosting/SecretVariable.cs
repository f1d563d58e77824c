using System.Text;

namespace KisFeed.Hosting;

/// <summary>
/// A secret from the environment: the value of a variable, or the content of the file that the variable with the suffix <c>_FILE</c> names.
/// systemd's <c>LoadCredential=</c> and containers pass secrets as files. Immutable.
/// </summary>
public sealed record SecretVariable
{
    /// <summary>The suffix of the variable that contains the file's path.</summary>
    public const string FileSuffix = "_FILE";

    private const int MaxBytes = 4096;
    private const int MinSecretLength = 32;

    /// <summary>
    /// The secret; <see langword="null"/> if neither variable is set. A single line break at the end of the file is removed.
    /// </summary>
    public string? Value { get; private init; }

    /// <summary>The source, for messages: the variable, or the file and the variable that names it.</summary>
    public required string Source { get; init; }

    /// <summary>A warning if every user of this machine can read the file; otherwise <see langword="null"/>.</summary>
    public string? Warning { get; private init; }

    /// <summary>Whether either of the two variables is set.</summary>
    /// <param name="variable">Returns the value of an environment variable.</param>
    /// <param name="name">The name without <see cref="FileSuffix"/>.</param>
    public static bool IsSet(Func<string, string?> variable, string name)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return variable(name) is not null || variable(name + FileSuffix) is not null;
    }

    /// <summary>Reads the secret.</summary>
    /// <param name="variable">Returns the value of an environment variable.</param>
    /// <param name="name">The name without <see cref="FileSuffix"/>.</param>
    /// <exception cref="KisFeedConfigurationException">Both variables are set, or the file cannot be read, is empty or is too long. The
    /// message does not contain the secret.</exception>
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
            { Length: > MaxBytes } => throw new KisFeedConfigurationException(
                $"{source} is longer than {MaxBytes} bytes. The file must hold the secret and nothing else."),
            var content when string.IsNullOrWhiteSpace(content) =>
                throw new KisFeedConfigurationException($"{source} is empty. Write the secret to the file."),
            var content => new SecretVariable { Value = WithoutLineBreak(content), Source = source, Warning = WarningOf(path) },
        };
    }

    /// <summary>The source, never the secret.</summary>
    public override string ToString() => Source;

    private static string ReadFile(string path, string nameOfFile)
    {
        if (!Path.Exists(path))
        {
            throw new KisFeedConfigurationException(
                $"{nameOfFile} names {Shown(path)}, which does not exist or is in a folder that is closed to this program's user. "
                + $"Set it to the path of a file with the secret, or set {nameOfFile[..^FileSuffix.Length]} to the secret itself.");
        }

        try
        {
            using var file = File.OpenRead(path);
            var content = new byte[MaxBytes + 1];
            return Encoding.UTF8.GetString(content, 0, file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException(
                $"{path} ({nameOfFile}) cannot be read: {e.Message} The user that runs this program must have the right to read it.", e);
        }
    }

    // The user may have put the secret itself where the file's path belongs.
    private static string Shown(string path) =>
        path.Length < MinSecretLength
        || (Path.IsPathRooted(path) && Path.GetDirectoryName(path) is { Length: > 1 } folder && Directory.Exists(folder))
            ? path
            : "a file (not shown, because it may be the secret itself)";

    private static string WithoutLineBreak(string content) =>
        content.EndsWith("\r\n", StringComparison.Ordinal) ? content[..^2] : content.EndsWith('\n') ? content[..^1] : content;

    // Group access is accepted: files that systemd passes on have an access list for the service's user,
    // which appears as a group permission.
    private static string? WarningOf(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) != UnixFileMode.None
            ? $"{path} holds a secret, and every user of this machine may read it: chmod o-r {path}"
            : null;
}
