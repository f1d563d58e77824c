using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Approval;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// Writes the times when consumers last used the gateway, every minute and at the end, if they have changed. If the file cannot be written, this is
/// logged once and affects nothing else.
/// </summary>
internal sealed class LastUseWriter : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly LastUseFile _file;
    private readonly Accounts _accounts;
    private readonly ConsumerStore _store;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private Dictionary<string, DateTimeOffset> _written = new(ConsumerName.Comparer);
    private Task _writing = Task.CompletedTask;
    private bool _hasFailed;
    private bool _isOver;

    /// <summary>Starts to write periodically.</summary>
    public LastUseWriter(LastUseFile file, Accounts accounts, ConsumerStore store, TimeProvider time, ILogger logger)
    {
        _file = file;
        _accounts = accounts;
        _store = store;
        _logger = logger;
        _timer = time.CreateTimer(static writer => ((LastUseWriter)writer!).StartWrite(), this, s_interval, s_interval);
    }

    /// <summary>Writes once more, and then stops.</summary>
    public Task EndAsync()
    {
        StartWrite();
        lock (_gate)
        {
            _isOver = true;
            return _writing;
        }
    }

    /// <summary>Stops writing.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isOver = true;
        _timer.Dispose();
    }

    private void StartWrite()
    {
        lock (_gate)
        {
            if (!_isOver)
                _writing = WriteAsync(_writing);
        }
    }

    private async Task WriteAsync(Task before)
    {
        await before.ConfigureAwait(false);
        await Task.Yield(); // The caller holds a lock.
        var times = Times();
        if (times.All(time => _written.TryGetValue(time.Key, out var at) && at == time.Value))
            return;
        try
        {
            await _file.UpdateAsync(times, name => _store.Current.Consumers.Any(consumer => ConsumerName.Comparer.Equals(consumer.Name, name))).ConfigureAwait(false);
            _written = times;
            _hasFailed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailed)
                ConsumerLog.LastUseNotWritten(_logger, _file.Path, e.Message);
            _hasFailed = true;
        }
    }

    // Rounded to the minute. If a consumer has several accounts, e.g. while its credentials are rotated, the latest time counts.
    private Dictionary<string, DateTimeOffset> Times()
    {
        var times = new Dictionary<string, DateTimeOffset>(ConsumerName.Comparer);
        foreach (var account in _accounts.All)
        {
            if (account.Consumer is null || account.LastUsedAt is not { } at)
                continue;
            var minute = new DateTimeOffset(at.Ticks - (at.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
            if (!times.TryGetValue(account.Name, out var other) || other < minute)
                times[account.Name] = minute;
        }

        return times;
    }
}

/// <summary>
/// The file beside the token file with the times when consumers last used the gateway, to the minute. Only the gateway writes it, and only its owner
/// can read it.
/// </summary>
internal sealed class LastUseFile(string tokenFile)
{
    private const int MaxBytes = ConsumerFile.MaxBytes;
    private const string Format = "yyyy-MM-dd'T'HH:mm'Z'";

    private readonly PrivateFile _file = new($"{tokenFile}.used");

    /// <summary>The full path.</summary>
    public string Path => _file.Path;

    /// <summary>Reads the times by consumer name. Empty if the file is missing or cannot be used, which is not worth an error.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Read()
    {
        var times = new Dictionary<string, DateTimeOffset>(ConsumerName.Comparer);
        try
        {
            using var stream = _file.OpenRead();
            if (stream.Length > MaxBytes)
                return times;
            using var json = JsonDocument.Parse(stream);
            foreach (var entry in json.RootElement.GetProperty("lastUsed"u8).EnumerateObject())
                times[entry.Name] = DateTimeOffset.ParseExact(entry.Value.GetString()!, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            // The entries that could be read are still used.
        }

        return times;
    }

    /// <summary>Merges later times into the file, and removes consumers that no longer exist.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The gateway has no permission to write the file.</exception>
    public async Task UpdateAsync(IReadOnlyDictionary<string, DateTimeOffset> times, Func<string, bool> exists)
    {
        // Another gateway may use the same token file.
        var guard = await _file.LockAsync(CancellationToken.None).ConfigureAwait(false);
        await using var _ = guard.ConfigureAwait(false);
        var merged = new SortedDictionary<string, string>(ConsumerName.Comparer);
        foreach (var time in Read().Concat(times).Where(time => exists(time.Key)).OrderBy(time => time.Value))
            merged[time.Key] = time.Value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
        var text = JsonSerializer.SerializeToUtf8Bytes(new LastUseContent(Version: 1, merged), LastUseJson.Default.LastUseContent);
        await _file.ReplaceAsync((byte[])[.. text, (byte)'\n'], CancellationToken.None).ConfigureAwait(false);
    }
}

/// <summary>The content of the file: the times by consumer.</summary>
internal sealed record LastUseContent(int Version, SortedDictionary<string, string> LastUsed);

/// <summary>Writes <see cref="LastUseContent"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(LastUseContent))]
internal sealed partial class LastUseJson : JsonSerializerContext;
