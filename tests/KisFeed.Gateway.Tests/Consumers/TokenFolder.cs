using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

/// <summary>A temporary folder for a token file, and test consumers.</summary>
internal sealed class TokenFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-tokens-");

    /// <summary>The path of the token file. Neither the file nor its folder exists initially.</summary>
    public string FilePath => Path.Combine(_folder.FullName, "kisfeed", "gateway-tokens.json");

    public ConsumerFile File => new(FilePath);

    public static Consumer NewConsumer(
        string name, ConsumerCredentials? credentials = null, string[]? feeds = null, bool notices = false, bool isOperator = false)
    {
        credentials ??= ConsumerCredentials.Create();
        return new Consumer
        {
            Name = name,
            AppKey = credentials.AppKey,
            SecretHash = ConsumerCredentials.HashOf(credentials.AppSecret),
            Feeds = feeds is null ? null : [.. feeds],
            Notices = notices,
            Operator = isOperator,
            CreatedAt = new DateTimeOffset(2026, 11, 20, 0, 30, 1, TimeSpan.Zero),
        };
    }

    /// <summary>Adds a consumer to the token file.</summary>
    public Task AddAsync(Consumer consumer, bool replaces = false) => File.AddAsync(consumer, replaces, CancellationToken.None);

    /// <summary>Adds a consumer with the rights to all feeds except order notices.</summary>
    public Task AddAsync(string name, bool replaces = false) => AddAsync(NewConsumer(name), replaces);

    public Task RemoveAsync(string name) => File.RemoveAsync(name, CancellationToken.None);

    /// <summary>Writes the token file, readable only for its owner.</summary>
    public void Write(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        System.IO.File.WriteAllText(FilePath, text);
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
