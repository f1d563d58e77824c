using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace KisFeed.Generator;

/// <summary>
/// Derives from each record marked with <c>[Feed]</c> its decoder, its encoder, its column table and its feeds, and a list of all feeds
/// of the assembly. Mistakes in a record are reported as KISFEED001 and following.
/// </summary>
[Generator]
public sealed class FeedGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var records = context.SyntaxProvider.ForAttributeWithMetadataName(
            "KisFeed.Feeds.FeedAttribute",
            static (node, _) => node is TypeDeclarationSyntax,
            RecordReader.Read);

        context.RegisterSourceOutput(records, static (output, record) =>
        {
            foreach (var mistake in record.Diagnostics)
                output.ReportDiagnostic(mistake.ToDiagnostic());
            if (record.IsValid)
                output.AddSource($"{record.Name}.g.cs", SourceText.From(RecordSource.Write(record), Encoding.UTF8));
        });

        context.RegisterSourceOutput(records.Collect(), static (output, all) =>
        {
            ReportDuplicateTrIds(output, all);
            var valid = all.Where(r => r.IsValid).ToImmutableArray();
            if (!valid.IsEmpty)
                output.AddSource("GeneratedFeeds.g.cs", SourceText.From(RecordSource.WriteList(valid), Encoding.UTF8));
        });
    }

    private static void ReportDuplicateTrIds(SourceProductionContext output, ImmutableArray<RecordModel> records)
    {
        var feeds = records.SelectMany(r => r.Feeds.Select(f => (Record: r, f.TrId)));
        foreach (var same in feeds.GroupBy(f => f.TrId, System.StringComparer.Ordinal).Where(g => g.Count() > 1))
            output.ReportDiagnostic(Diagnostic.Create(Diagnostics.DuplicateTrId, Location.None, same.Key, same.First().Record.Name));
    }
}
