using System.Collections.Immutable;
using KisFeed.Approval;
using KisFeed.Gateway.Files;

namespace KisFeed.Gateway.Consumers;

/// <summary>The token file: the consumers that may use a gateway.</summary>
internal sealed class ConsumerFile(string path)
{
    public const int MaxBytes = 1 << 20;

    private readonly PrivateFile _file = new(path);

    public string Path => _file.Path;

    public static string DefaultPathIn(string homeFolder) =>
        System.IO.Path.Combine(homeFolder, ".config", "kisfeed", "gateway-tokens.json");

    /// <summary>The file's stamp, which differs after a change; <see langword="null"/> if the file does not exist.</summary>
    /// <exception cref="KisFeedConfigurationException">Its attributes cannot be read.</exception>
    public FileStamp? GetStamp()
    {
        try
        {
            return FileStamp.Of(new FileInfo(Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable("read", e);
        }
    }

    /// <summary>Reads the consumers; none if the file does not exist.</summary>
    /// <exception cref="KisFeedConfigurationException">
    /// The file cannot be used. The message contains its path and, for a syntax error, the line.
    /// </exception>
    public ImmutableArray<Consumer> Read()
    {
        try
        {
            return ConsumerFileReader.Read(Path, ReadText());
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable("read", e);
        }
    }

    /// <summary>Reads the consumer with a name.</summary>
    /// <exception cref="KisFeedConfigurationException">There is no consumer with that name, or the file cannot be used.</exception>
    public Consumer Find(string name)
    {
        var consumers = Read();
        return IndexOf(consumers, name) is >= 0 and var at ? consumers[at] : throw Unknown(name, consumers);
    }

    /// <summary>Adds a consumer. If <paramref name="replaces"/>, it may replace the consumer with the same name.</summary>
    /// <exception cref="KisFeedConfigurationException">There is one of that name already, or the file cannot be
    /// used; it is as it was.</exception>
    public Task AddAsync(Consumer consumer, bool replaces, CancellationToken cancellationToken) =>
        AddAsync(consumer, replaces ? _ => consumer : null, cancellationToken);

    /// <summary>Adds a consumer.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="replace">
    /// Builds the new entry from the existing consumer with the same name; <see langword="null"/> if it must not replace one.
    /// </param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <exception cref="KisFeedConfigurationException">There is one of that name already, or the file cannot be
    /// used; it is as it was.</exception>
    public Task AddAsync(Consumer consumer, Func<Consumer, Consumer>? replace, CancellationToken cancellationToken) => UpdateAsync(
        consumers =>
        {
            var at = IndexOf(consumers, consumer.Name);
            if (at < 0)
                return consumers.Add(consumer);
            return replace is not null
                ? consumers.SetItem(at, replace(consumers[at]))
                : throw new KisFeedConfigurationException($"consumer {consumers[at].Name} already exists in {Path}: choose another name, "
                    + $"create new credentials for it with 'kisfeed gateway token rotate {consumers[at].Name}', or replace it with "
                    + "--replace, which closes its connections");
        },
        cancellationToken);

    /// <summary>Changes a consumer.</summary>
    /// <exception cref="KisFeedConfigurationException">There is none of that name, or the file cannot be used; it is as it was.</exception>
    public Task ChangeAsync(string name, Func<Consumer, Consumer> change, CancellationToken cancellationToken) => UpdateAsync(
        consumers => IndexOf(consumers, name) is >= 0 and var at
            ? consumers.SetItem(at, change(consumers[at]))
            : throw Unknown(name, consumers),
        cancellationToken);

    /// <summary>Removes a consumer.</summary>
    /// <exception cref="KisFeedConfigurationException">There is none of that name, or the file cannot be used; it is as it was.</exception>
    public Task RemoveAsync(string name, CancellationToken cancellationToken) => UpdateAsync(
        consumers => IndexOf(consumers, name) is >= 0 and var at
            ? consumers.RemoveAt(at)
            : throw Unknown(name, consumers),
        cancellationToken);

    private KisFeedConfigurationException Unknown(string name, ImmutableArray<Consumer> consumers) =>
        new($"there is no consumer {name} in {Path}; "
            + $"{(consumers.IsEmpty ? "it is empty" : $"it has {string.Join(", ", consumers.Select(static c => c.Name))}")}");

    private async Task UpdateAsync(Func<ImmutableArray<Consumer>, ImmutableArray<Consumer>> change, CancellationToken cancellationToken)
    {
        try
        {
            var guard = await _file.LockAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = guard.ConfigureAwait(false);
            var text = ConsumerFileWriter.Write(change(Read()));
            if (text.Length > MaxBytes)
            {
                throw new KisFeedConfigurationException(
                    $"{Path} would be longer than {MaxBytes} bytes: remove consumers that are not needed");
            }
            await _file.ReplaceAsync(text, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable("written", e);
        }
    }

    private byte[] ReadText()
    {
        using var stream = _file.OpenRead();
        if (PrivateFile.ExposureOf(stream) is { } mode)
        {
            throw new KisFeedConfigurationException(
                $"{Path} is accessible to users other than its owner (mode {Convert.ToString((int)mode, 8)}): run 'chmod 600 {Path}'");
        }
        var text = new byte[Math.Min(stream.Length, MaxBytes + 1)];
        var length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        return length <= MaxBytes
            ? text[..length]
            : throw new KisFeedConfigurationException($"{Path} is longer than {MaxBytes} bytes: it is not a valid token file");
    }

    private static int IndexOf(ImmutableArray<Consumer> consumers, string name)
    {
        for (var i = 0; i < consumers.Length; i++)
        {
            if (ConsumerName.Comparer.Equals(consumers[i].Name, name))
                return i;
        }

        return -1;
    }

    private KisFeedConfigurationException Unusable(string what, Exception e) => new($"{Path} cannot be {what}: {e.Message}", e);
}
