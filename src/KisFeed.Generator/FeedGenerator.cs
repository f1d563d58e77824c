using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace KisFeed.Generator;

/// <summary>
/// Generates for each record marked with <c>[Feed]</c> its decoder, its encoder, its column table and its feeds, and a list of all feeds of
/// the assembly. Errors in a record are reported as KISFEED001 and following.
/// </summary>
[Generator]
public sealed class FeedGenerator : IIncrementalGenerator
{
    /// <summary>The step that produces one model per record.</summary>
    public const string RecordsStep = "Records";

    /// <summary>The step that produces the models of all records.</summary>
    public const string AllRecordsStep = "AllRecords";

    private const string Attribute = "KisFeed.Feeds.FeedAttribute";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var records = context.SyntaxProvider
            .ForAttributeWithMetadataName(Attribute, static (node, _) => node is TypeDeclarationSyntax, RecordReader.Read)
            .SelectMany(static (record, _) => record is null ? ImmutableArray<RecordModel>.Empty : ImmutableArray.Create(record))
            .WithTrackingName(RecordsStep);

        context.RegisterSourceOutput(records, static (output, record) =>
        {
            foreach (var mistake in record.Diagnostics)
                output.ReportDiagnostic(mistake.ToDiagnostic());
            if (record.IsValid)
            {
                output.AddSource(
                    $"{record.QualifiedName.Replace("@", "")}.g.cs", SourceText.From(RecordSource.Write(record), Encoding.UTF8));
            }
        });

        context.RegisterSourceOutput(records.Collect().WithTrackingName(AllRecordsStep), static (output, all) =>
        {
            var valid = all.Where(r => r.IsValid).ToImmutableArray();
            if (!valid.IsEmpty)
                output.AddSource("GeneratedFeeds.g.cs", SourceText.From(RecordSource.WriteList(valid), Encoding.UTF8));
        });

        var members = context.SyntaxProvider.ForAttributeWithMetadataName(
            "KisFeed.Feeds.ColumnGroupAttribute", static (node, _) => node is TypeDeclarationSyntax, MemberReader.Read);
        context.RegisterSourceOutput(members, static (output, member) =>
        {
            foreach (var mistake in member.Diagnostics)
                output.ReportDiagnostic(mistake.ToDiagnostic());
            if (member.Diagnostics.Count == 0)
            {
                output.AddSource(
                    $"{member.Namespace}.{member.Name}.g.cs".TrimStart('.'), SourceText.From(RecordSource.Write(member), Encoding.UTF8));
            }
        });

        // Locations move with every edit above them, so the code generated for a record must not depend on them.
        var uses = context.SyntaxProvider.ForAttributeWithMetadataName(
            Attribute, static (node, _) => node is TypeDeclarationSyntax, RecordReader.ReadUses);
        context.RegisterSourceOutput(uses.Collect(), ReportDuplicateTrIds);
    }

    private static void ReportDuplicateTrIds(SourceProductionContext output, ImmutableArray<EquatableArray<FeedUse>> uses)
    {
        var first = new Dictionary<string, FeedUse>(StringComparer.Ordinal);
        foreach (var use in uses.SelectMany(u => u))
        {
            if (first.TryGetValue(use.TrId, out var owner))
                output.ReportDiagnostic((use.Mistake with { Argument2 = owner.Record }).ToDiagnostic());
            else
                first.Add(use.TrId, use);
        }
    }
}

/// <summary>A TR ID of a record, and the diagnostic to report if another record has the same one.</summary>
internal sealed record FeedUse(string TrId, string Record, DiagnosticModel Mistake);
