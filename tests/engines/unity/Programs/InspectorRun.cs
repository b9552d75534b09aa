// Draws the inspectors and builds the puppet with stand-ins of Unity's classes, and prints what is seen, one section each:
// InspectorRun HOST PORT, where a bridge runs.
using System;
using System.Collections.Generic;
using System.Threading;
using UnityEditor;
using UnityEngine;
using Visavis;
using Visavis.Editor;
using Visavis.Samples;

static class InspectorRun
{
    static void Main(string[] arguments)
    {
        Shapes();
        Source(arguments[0], int.Parse(arguments[1]));
        Puppet();
    }

    static void Shapes()
    {
        var npc = new GameObject("npc");
        var body = Below(npc, "body");
        body.sharedMesh = new Mesh();
        var head = Below(npc, "head");
        head.sharedMesh = new Mesh();
        head.sharedMesh.ShapeNames.AddRange(new[] { "JAWOPEN", "Face.eyeBlink_L", "other" });
        var face = npc.AddComponent<VisavisFaceBlendShapes>();
        var editor = new VisavisFaceBlendShapesEditor { target = face };
        Draw("shapes", editor);
        GUILayout.Pressed = "Find renderers";
        Draw("shapes found", editor);
        Console.WriteLine(string.Join(" ", new List<SkinnedMeshRenderer>(face.meshes).ConvertAll(one => one.name)));
    }

    static void Source(string host, int port)
    {
        var source = new GameObject("npc").AddComponent<VisavisSource>();
        source.host = host;
        source.port = port;
        var editor = new VisavisSourceEditor { target = source };
        Draw("source", editor);
        GUILayout.Pressed = "Ask the bridge for faces";
        Draw("source asks", editor);
        for (int i = 0; i < 100 && editor.RequiresConstantRepaint(); i++)
        {
            Thread.Sleep(100);
            editor.OnInspectorGUI();
        }
        EditorGUILayout.PopupLabel = "Avatar";
        EditorGUILayout.PopupPick = 1;
        Draw("source answered", editor);
        EditorGUILayout.PopupLabel = "";
        Console.WriteLine("avatar " + source.avatar);
        Application.isPlaying = true;
        Draw("source plays", editor);
        GUILayout.Pressed = "Interrupt"; // of a source that is not enabled: nothing happens
        Draw("source interrupted", editor);
    }

    static void Puppet()
    {
        Console.WriteLine("== puppet");
        var npc = new GameObject("npc");
        var face = npc.AddComponent<VisavisFaceBlendShapes>();
        PuppetHead.Build(npc.transform, face);
        Mesh mesh = face.meshes[0].sharedMesh;
        face.Find();
        Console.WriteLine(face.FoundNames.Count + " " + mesh.ShapeNames.Count + " " + mesh.Triangles.Count);
        for (int shape = 0; shape < mesh.ShapeNames.Count; shape++)
        {
            float most = 0f;
            foreach (Vector3 move in mesh.ShapeMoves[shape])
            {
                most = Math.Max(most, Math.Abs(move.x) + Math.Abs(move.y) + Math.Abs(move.z));
            }
            Console.WriteLine(mesh.ShapeNames[shape] + " " + most.ToString("0.0000"));
        }
    }

    static SkinnedMeshRenderer Below(GameObject parent, string name)
    {
        var child = new GameObject(name);
        child.transform.SetParent(parent.transform, false);
        var renderer = child.AddComponent<SkinnedMeshRenderer>();
        renderer.name = name;
        return renderer;
    }

    static void Draw(string title, Editor editor)
    {
        GUILayout.Drawn.Clear();
        editor.OnInspectorGUI();
        GUILayout.Pressed = "";
        Console.WriteLine("== " + title);
        foreach (string line in GUILayout.Drawn) { Console.WriteLine(line); }
    }
}
