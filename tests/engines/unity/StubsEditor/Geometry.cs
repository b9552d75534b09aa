// The signatures of UnityEngine's numbers and meshes. A Mesh keeps what it is given, so that the puppet can be looked at.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public struct Vector2
    {
        public float x, y;
        public Vector2(float x, float y) { this.x = x; this.y = y; }
    }

    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }
        public static Vector3 zero { get { return new Vector3(); } }
        public static Vector3 one { get { return new Vector3(1f, 1f, 1f); } }
        public static Vector3 operator +(Vector3 a, Vector3 b) { return new Vector3(a.x + b.x, a.y + b.y, a.z + b.z); }
        public static Vector3 operator -(Vector3 a, Vector3 b) { return new Vector3(a.x - b.x, a.y - b.y, a.z - b.z); }
        public static Vector3 operator -(Vector3 a) { return -1f * a; }
        public static Vector3 operator *(float d, Vector3 a) { return new Vector3(d * a.x, d * a.y, d * a.z); }
        public static Vector3 operator *(Vector3 a, float d) { return d * a; }
    }

    public struct Vector4
    {
        public float x, y, z, w;
        public Vector4(float x, float y, float z, float w) { this.x = x; this.y = y; this.z = z; this.w = w; }
    }

    public struct Quaternion
    {
        public float x, y, z, w;
        public static Quaternion identity { get { return new Quaternion { w = 1f }; } }
        public static Quaternion Euler(float x, float y, float z) { return identity; }
        public static Quaternion Inverse(Quaternion rotation) { return rotation; }
        public static Quaternion LookRotation(Vector3 forward, Vector3 upwards) { return identity; }
        public static Quaternion operator *(Quaternion lhs, Quaternion rhs) { return lhs; }
        public static Vector3 operator *(Quaternion rotation, Vector3 point) { return point; }
    }

    public struct Color
    {
        public float r, g, b, a;
        public Color(float r, float g, float b) { this.r = r; this.g = g; this.b = b; a = 1f; }
        public static Color white { get { return new Color(1f, 1f, 1f); } }
    }

    public static class Mathf
    {
        public const float PI = (float)Math.PI;
        public static float Sin(float f) { return (float)Math.Sin(f); }
        public static float Cos(float f) { return (float)Math.Cos(f); }
        public static float Max(float a, float b) { return Math.Max(a, b); }
    }

    public sealed class Mesh : Object
    {
        public readonly List<string> ShapeNames = new List<string>();
        public readonly List<Vector3[]> ShapeMoves = new List<Vector3[]>();
        public readonly List<int[]> Triangles = new List<int[]>();
        public Vector3[] vertices { get; set; }
        public int subMeshCount { get; set; }
        public int blendShapeCount { get { return ShapeNames.Count; } }
        public string GetBlendShapeName(int shapeIndex) { return ShapeNames[shapeIndex]; }
        public int GetBlendShapeIndex(string blendShapeName) { return ShapeNames.IndexOf(blendShapeName); }
        public void SetTriangles(int[] triangles, int submesh) { Triangles.Add(triangles); }
        public void RecalculateNormals() { }
        public void RecalculateBounds() { }

        public void AddBlendShapeFrame(string shapeName, float frameWeight, Vector3[] deltaVertices, Vector3[] deltaNormals,
            Vector3[] deltaTangents)
        {
            ShapeNames.Add(shapeName);
            ShapeMoves.Add(deltaVertices);
        }
    }
}
