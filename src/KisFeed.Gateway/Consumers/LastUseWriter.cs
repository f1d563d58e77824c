using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>Writes each minute, and at the end, when consumers last used the gateway, where that has changed. A file that cannot be written is logged once and affects nothing else.</summary>
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

    /// <summary>Writes from now on.</summary>
    /// <param name="file">The file.</param>
    /// <param name="accounts">Who uses the gateway.</param>
    /// <param name="store">Who may.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    public LastUseWriter(LastUseFile file, Accounts accounts, ConsumerStore store, TimeProvider time, ILogger logger)
    {
        _file = file;
        _accounts = accounts;
        _store = store;
        _logger = logger;
        _timer = time.CreateTimer(static keeper => ((LastUseWriter)keeper!).Begin(), this, s_interval, s_interval);
    }

    /// <summary>Writes a last time.</summary>
    public Task EndAsync()
    {
        Begin();
        lock (_gate)
        {
            _isOver = true;
            return _writing;
        }
    }

    /// <summary>Writes no more.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isOver = true;
        _timer.Dispose();
    }

    private void Begin()
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
                ConsumerLog.LastUseNotKept(_logger, _file.Path, e.Message);
            _hasFailed = true;
        }
    }

    // To the minute; of several accounts of one consumer, as while its credentials are rotated, the latest.
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

/// <summary>The file beside the token file that says when consumers last used the gateway, to the minute. The gateway alone writes it; only its owner can read it.</summary>
/// <param name="tokenFile">The token file.</param>
internal sealed class LastUseFile(string tokenFile)
{
    private const int MaxBytes = ConsumerFile.MaxBytes;
    private const string Format = "yyyy-MM-dd'T'HH:mm'Z'";

    private readonly PrivateFile _file = new($"{tokenFile}.used");

    /// <summary>Where it is, in full.</summary>
    public string Path => _file.Path;

    /// <summary>The times by the names of consumers. None where there is no such file, or it cannot be used: they are not worth an error.</summary>
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
            // What could be read is good.
        }

        return times;
    }

    /// <summary>Takes later times over, and forgets consumers that are gone.</summary>
    /// <param name="times">The times.</param>
    /// <param name="exists">Whether there is a consumer of that name.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public async Task UpdateAsync(IReadOnlyDictionary<string, DateTimeOffset> times, Func<string, bool> exists)
    {
        // Another gateway may have the same token file.
        var guard = await _file.LockAsync(CancellationToken.None).ConfigureAwait(false);
        await using var _ = guard.ConfigureAwait(false);
        var merged = new SortedDictionary<string, DateTimeOffset>(Read().Where(time => exists(time.Key)).ToDictionary(ConsumerName.Comparer), ConsumerName.Comparer);
        foreach (var (name, at) in times.Where(time => exists(time.Key)))
            merged[name] = merged.TryGetValue(name, out var before) && before > at ? before : at;
        await _file.ReplaceAsync(Write(merged), CancellationToken.None).ConfigureAwait(false);
    }

    private static ReadOnlyMemory<byte> Write(SortedDictionary<string, DateTimeOffset> times)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, 1);
            json.WriteStartObject("lastUsed"u8);
            foreach (var (name, at) in times)
                json.WriteString(name, at.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        text.Write("\n"u8);
        return text.WrittenMemory;
    }
}
