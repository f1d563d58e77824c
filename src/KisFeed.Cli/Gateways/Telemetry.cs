using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace KisFeed.Cli.Gateways;

/// <summary>
/// Sends metrics to a collector by OTLP, if the command line or the standard variables of OpenTelemetry
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and others) name one.
/// </summary>
internal static class Telemetry
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string MetricsEndpointVariable = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const string ServiceName = "kisfeed-gateway";
    private const int GrpcPort = 4317;
    private const string MetricsPath = "v1/metrics";

    /// <summary>The timeout of the last flush, in milliseconds. It runs before the gateway's instruments end.</summary>
    public const int FlushLimit = 2_000;

    /// <summary>Starts the export; <see langword="null"/> if no collector is configured.</summary>
    public static MeterProvider? Start(CommandHost host, Uri? endpoint)
    {
        if (endpoint is null && host.Variable(EndpointVariable) is null && host.Variable(MetricsEndpointVariable) is null)
            return null;
        return Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService(ServiceName, serviceVersion: ProductVersion.Text)
                .AddEnvironmentVariableDetector())
            .AddMeter(KisFeedDiagnostics.MeterName)
            .AddOtlpExporter((exporter, _) => Point(exporter, endpoint))
            .Build();
    }

    private static void Point(OtlpExporterOptions exporter, Uri? endpoint)
    {
        if (endpoint is null)
            return;
        var isGrpc = endpoint.Port == GrpcPort;
        exporter.Protocol = isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = isGrpc || endpoint.AbsolutePath != "/" ? endpoint : new Uri(endpoint, MetricsPath);
    }
}
