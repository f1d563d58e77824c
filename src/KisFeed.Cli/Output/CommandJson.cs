using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KisFeed.Capture;
using KisFeed.Capture.Inspection;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Commands;
using KisFeed.Cli.Commands.Tokens;
using KisFeed.Cli.Diagnosis;
using KisFeed.Cli.Recording;
using KisFeed.Cli.Storing;
using KisFeed.Gateway;

namespace KisFeed.Cli.Output;

/// <summary>Serializes the JSON that <see cref="Json"/> writes.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters =
    [
        typeof(UtcConverter),
        typeof(CamelCaseConverter<CaptureFileFormat>),
        typeof(CamelCaseConverter<CaptureProblemKind>),
        typeof(CamelCaseConverter<FileIntegrity>),
        typeof(CamelCaseConverter<FindingStatus>),
        typeof(CamelCaseConverter<GapReason>),
        typeof(CamelCaseConverter<InstrumentKind>),
        typeof(CamelCaseConverter<SessionPhase>),
    ])]
[JsonSerializable(typeof(AddressesJson))]
[JsonSerializable(typeof(BarJson))]
[JsonSerializable(typeof(ConsumerJson))]
[JsonSerializable(typeof(DoctorResultJson))]
[JsonSerializable(typeof(Finding))]
[JsonSerializable(typeof(FoundJson))]
[JsonSerializable(typeof(InspectionJson))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(RecordingStatusJson))]
[JsonSerializable(typeof(SignInLinkJson))]
[JsonSerializable(typeof(SinkStatusJson))]
[JsonSerializable(typeof(StoredCapturesJson))]
internal sealed partial class CommandJson : JsonSerializerContext;

internal sealed class UtcConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(TimeText.Utc(value));
}
