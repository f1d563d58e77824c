using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace KisFeed.Benchmarks.Delay;

/// <summary>A consumer of a token file, with its credentials.</summary>
internal sealed record ConsumerToken(string Name, string AppKey, string AppSecret)
{
    /// <summary>The credentials for the header <c>Authorization</c>.</summary>
    public string Basic { get; } = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{AppKey}:{AppSecret}"));

    public static ConsumerToken[] Create(int count) =>
    [
        .. Enumerable.Range(1, count).Select(i => new ConsumerToken(
            string.Create(CultureInfo.InvariantCulture, $"consumer{i}"),
            RandomNumberGenerator.GetString("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 36),
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(135)))),
    ];

    /// <summary>Writes a token file that only its owner can read.</summary>
    public static void Write(string path, IEnumerable<ConsumerToken> tokens)
    {
        using var file = new FileStream(path, FileMode.CreateNew);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        JsonSerializer.Serialize(file, new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["version"] = 1,
            ["consumers"] = tokens.Select(token => new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["name"] = token.Name,
                ["appKey"] = token.AppKey,
                ["secretSha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token.AppSecret))),
                ["feeds"] = "all",
                ["notices"] = false,
                ["operator"] = true,
                ["created"] = "2026-01-01T00:00:00Z",
            }).ToArray(),
        });
    }
}
