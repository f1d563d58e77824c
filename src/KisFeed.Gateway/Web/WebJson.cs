using System.Text.Json.Serialization;
using KisFeed.Output;

namespace KisFeed.Gateway.Web;

/// <summary>Serializes the responses of pages.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters =
    [
        typeof(KoreaTimeConverter),
        typeof(SecondsConverter),
        typeof(CamelCaseConverter<DataSource>),
        typeof(CamelCaseConverter<GatewayClusterRole>),
        typeof(CamelCaseConverter<HaltReason>),
        typeof(CamelCaseConverter<InstrumentKind>),
        typeof(CamelCaseConverter<SessionPhase>),
    ])]
[JsonSerializable(typeof(GatewayStatus))]
[JsonSerializable(typeof(DashboardSettings))]
[JsonSerializable(typeof(InstrumentList))]
internal sealed partial class WebJson : JsonSerializerContext;
