using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Tests.Client;

namespace KisFeed.Gateway.Tests.Consumers;

/// <summary>Logs, exceptions and texts contain no secrets of consumers.</summary>
public sealed class ConsumerSecretsTests : IDisposable
{
    private readonly TokenFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLoggerFactory _log = new();
    private readonly SecretSearch _search = new();
    private readonly List<string> _texts = [];

    public void Dispose()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_life_cycle_of_consumers_exposes_no_secret()
    {
        var (anna, boris) = (NewCredentials("anna"), NewCredentials("boris"));
        await _folder.AddAsync(TokenFolder.NewConsumer("anna", anna));
        using var store = new ConsumerStore(_folder.FilePath, TimeSpan.FromSeconds(1), _time, _log.CreateLogger(""));
        store.Lost += (_, lost) =>
        {
            _texts.AddRange(lost.Losses.Select(l => $"{l}"));
            throw new InvalidOperationException($"{lost.Losses[0]}");
        };
        await _folder.AddAsync(TokenFolder.NewConsumer("boris", boris, notices: true));
        store.Reload();
        await GetExceptionAsync(() => _folder.AddAsync(TokenFolder.NewConsumer("boris", boris)));
        await GetExceptionAsync(() => _folder.RemoveAsync("carl"));
        await _folder.AddAsync(TokenFolder.NewConsumer("boris", boris), replaces: true);
        store.Reload();
        await _folder.RemoveAsync("anna");
        store.Reload();
        _texts.AddRange(
            [$"{anna}", .. store.Current.Consumers.Select(c => $"{c}"), $"{store.Current.Check(boris.AppKey, boris.AppSecret)}"]);

        _log.Entries.Count.ShouldBeGreaterThan(5);
        _texts.Count.ShouldBeGreaterThan(6);
        _search.ShouldFindNothingIn(_texts);
        _search.ShouldFindNothingIn(_log.Entries.Select(e => e.Text));

        // The file contains the app key and the hash, but not the secret.
        var found = _search.FindIn(await File.ReadAllTextAsync(_folder.FilePath)).ToList();
        found.ShouldContain(name => name == "app key of boris");
        found.ShouldContain(name => name == "hash of boris");
        found.ShouldNotContain(name => name.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_broken_at_any_position_exposes_no_secret()
    {
        var credentials = NewCredentials("anna");
        await _folder.AddAsync(TokenFolder.NewConsumer("anna", credentials, feeds: ["H0UPCNT0"]));
        using var store = new ConsumerStore(_folder.FilePath, TimeSpan.FromSeconds(1), _time, _log.CreateLogger(""));
        var text = await File.ReadAllTextAsync(_folder.FilePath);
        var broken = 0;
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var with in (string[])["", "\"", "\\", "}", credentials.AppSecret, "true" + credentials.AppSecret])
            {
                try
                {
                    ConsumerFileReader.Read("tokens.json", Encoding.UTF8.GetBytes($"{text[..at]}{with}{text[(at + 1)..]}"));
                }
                catch (KisFeedConfigurationException e)
                {
                    broken++;
                    _texts.Add($"{e}");
                }
            }
        }

        broken.ShouldBeGreaterThan(text.Length);
        _search.ShouldFindNothingIn(_texts.Distinct(StringComparer.Ordinal));
    }

    private ConsumerCredentials NewCredentials(string name)
    {
        var made = ConsumerCredentials.Create();
        _search.Add($"app key of {name}", made.AppKey);
        _search.Add($"secret of {name}", made.AppSecret);
        _search.Add($"hash of {name}", Convert.ToHexStringLower([.. ConsumerCredentials.HashOf(made.AppSecret)]));
        _search.Add($"hash of {name}, base64", Convert.ToBase64String([.. ConsumerCredentials.HashOf(made.AppSecret)]));
        return made;
    }

    private async Task GetExceptionAsync(Func<Task> action) =>
        _texts.Add($"{await Should.ThrowAsync<KisFeedConfigurationException>(action)}");
}
