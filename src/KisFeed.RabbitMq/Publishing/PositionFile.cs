using System.Text.Json;
using System.Text.Json.Serialization;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>The file in which a publisher keeps how far it came, so that its next start continues there from the capture.</summary>
internal sealed class PositionFile(string path)
{
    /// <summary>Reads the position; <see langword="null"/> if there is no file.</summary>
    /// <exception cref="RabbitMqException">The file cannot be read. Without it data would be missing.</exception>
    public PublisherPosition? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), PositionJson.Default.PublisherPosition)
                ?? throw new RabbitMqException(
                    $"{path} has no position: restore it, or delete it to publish only what is received from now on");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new RabbitMqException(
                $"{path} cannot be read: {e.Message}. Restore it, or delete it to publish only what is received from now on", e);
        }
    }

    /// <summary>Replaces the position.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public void Write(PublisherPosition position)
    {
        var temporary = $"{path}.new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, position, PositionJson.Default.PublisherPosition);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}

/// <summary>How far a publisher came.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Keys">When it had which key, as far as something may have to be published.</param>
/// <param name="ConfirmedAt">Everything received up to this time is confirmed.</param>
internal sealed record PublisherPosition(ulong Epoch, IReadOnlyList<KeyPeriod> Keys, DateTimeOffset? ConfirmedAt = null);

/// <summary>The JSON of a <see cref="PublisherPosition"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PublisherPosition))]
internal sealed partial class PositionJson : JsonSerializerContext;
